/// The sequence number of a message, and of its node's previous one. Only this server writes it, as the member `chatd`,
/// which the official adapters ignore.
package struct EventStamp: Sendable, Equatable {
    /// The id of the node, the same for all its namespaces.
    package let node: String
    /// The number of the message among those of the node. The numbers have no gaps.
    package let number: Int
    /// The number of the node's previous message in the same namespace; nil for the first since it opened the
    /// namespace, and from a node that does not tell. A receiver that has not seen it has lost messages. The numbers
    /// alone do not show that, because nodes receive the messages of some namespaces only.
    package let previous: Int?
    /// The id of the last stored message that the node published before; nil without one.
    package let row: Int?

    /// Creates a stamp. The properties explain the parameters.
    package init(node: String, number: Int, previous: Int? = nil, row: Int?) {
        self.node = node
        self.number = number
        self.previous = previous
        self.row = row
    }

    /// The stamp of a message, or nil without one.
    init?(of message: MessageObject) throws(FormatError) {
        guard message.has(.chatd) else { return nil }
        let object = try message.object(.chatd)
        node = try object.identifier(.node)
        number = try object.number(.number, in: 0...Int.max)
        previous = object.has(.previous) ? try object.number(.previous, in: 0...Int.max) : nil
        row = object.has(.row) ? try object.number(.row, in: 0...Int.max) : nil
    }
}

extension EventStamp: MessageTreeConvertible {
    var tree: MessageTree {
        .object([
            (.node, .text(node)), (.number, .number(number)), (.previous, previous.map { .number($0) }),
            (.row, row.map { .number($0) }),
        ])
    }
}
