import Actors

/// The sockets that a message is for (`opts` on the wire), in the namespace of the message.
package struct MessageTarget: Sendable, Equatable {
    /// The rooms whose members are selected; empty for everyone in the namespace.
    package let rooms: [String]
    /// The rooms whose members are not selected.
    package let exceptions: [String]
    /// The flags of a broadcast.
    package let flags: MessageFlags

    /// Creates a target. The properties explain the parameters.
    package init(rooms: [String] = [], exceptions: [String] = [], flags: MessageFlags = MessageFlags()) {
        self.rooms = rooms
        self.exceptions = exceptions
        self.flags = flags
    }

    /// The sockets of a selection.
    package init(_ selection: SocketSelection) {
        self.init(rooms: selection.rooms, exceptions: selection.exceptions)
    }

    /// The target of a message.
    init(of message: MessageObject) throws(FormatError) {
        try self.init(try message.object(.opts))
    }

    /// A list that is missing is empty.
    init(_ object: MessageObject) throws(FormatError) {
        rooms = object.has(.rooms) ? try object.rooms(.rooms) : []
        exceptions = object.has(.except) ? try object.rooms(.except) : []
        flags = (try? object.object(.flags)).map { MessageFlags($0) } ?? MessageFlags()
    }

    /// The selected sockets of a namespace.
    package func selection(in namespace: String) -> SocketSelection {
        SocketSelection(namespace: namespace, rooms: rooms, exceptions: exceptions)
    }

    /// The target as an object.
    /// - Parameter stamp: The stamp of a message that has no other place for it.
    func tree(stamp: EventStamp? = nil) -> MessageTree {
        .object([
            (.rooms, .texts(rooms)), (.except, .texts(exceptions)), (.flags, flags.tree), (.chatd, stamp?.tree),
        ])
    }
}
