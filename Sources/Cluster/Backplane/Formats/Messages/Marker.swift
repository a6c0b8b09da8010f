/// A message on the channel of servers like this one: about sessions, or one that only says where it is in the order of
/// all messages.
struct Marker {
    let stamp: EventStamp
    /// What it says about sessions; nil for a mere marker, and for a message of a later version.
    let message: HostMessage?

    init(_ stamp: EventStamp) {
        self.stamp = stamp
        message = nil
    }

    /// Reads the payload.
    /// - Parameter namespace: The namespace of the channel.
    /// - Throws: ``FormatError`` if the bytes are not such a message, or exceed a limit.
    init(_ bytes: [UInt8], namespace: String, limits: FormatLimits = FormatLimits()) throws(FormatError) {
        try self.init(
            try MessageObject(try MixedValue(message: bytes, limits: limits), limits: limits), namespace: namespace)
    }

    /// Reads the object of the payload.
    init(_ object: MessageObject, namespace: String) throws(FormatError) {
        guard let stamp = try EventStamp(of: object) else { throw .missing(.chatd) }
        self.stamp = stamp
        message = try HostMessage.read(object, in: namespace)
    }

    /// The payload of a marker.
    var encoded: [UInt8] { MessageTree.object([(.chatd, stamp.tree)]).json }
}
