/// A message that only says where it is in the order of all messages. It travels on a channel of servers like this one.
struct Marker {
    let stamp: EventStamp

    init(_ stamp: EventStamp) {
        self.stamp = stamp
    }

    /// Reads the payload.
    /// - Throws: ``FormatError`` if the bytes are not a marker, or exceed a limit.
    init(_ bytes: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let message = try MessageObject(try MixedValue(message: bytes, limits: limits), limits: limits)
        guard let stamp = try EventStamp(of: message) else { throw .missing(.chatd) }
        self.stamp = stamp
    }

    /// The payload.
    var encoded: [UInt8] { MessageTree.object([(.chatd, stamp.tree)]).json }
}
