/// The ranges of the acknowledgement ids that the server sends. All ids are below 2³¹, because some client libraries
/// read them as 32-bit integers. Numbers wrap around, long after the events of an earlier round have ended.
///
/// A client may answer an event of an earlier connection, for example from a dialog that is still open. That must not
/// answer a later event, so each worker, and the hub, has one count for all clients, which begins with a random number.
enum AcknowledgementIDs {
    /// The number of ids for events to single clients.
    static let ofSockets: UInt64 = 1 << 30
    private static let ofInquiries: UInt64 = 1 << 29

    /// The id of an event to clients of all workers.
    static func hub(_ number: UInt64) -> UInt64 { ofSockets + number % ofInquiries }

    /// The id of an event to clients of one worker.
    static func local(_ number: UInt64) -> UInt64 { ofSockets + ofInquiries + number % ofInquiries }
}

/// Counts the ids of one worker's events to single clients.
struct AcknowledgementCounter {
    private var following: UInt64

    /// - Parameter start: Determines the first id.
    init(start: UInt64) {
        following = start % AcknowledgementIDs.ofSockets
    }

    mutating func next() -> UInt64 {
        defer { following = (following + 1) % AcknowledgementIDs.ofSockets }
        return following
    }
}

extension EncodedEvent {
    /// The same event with an acknowledgement id; nil if the text is not an event of the namespace.
    func expectingAcknowledgement(_ id: UInt64, namespace: String) -> EncodedEvent? {
        // The id comes after the type, the number of attachments and the namespace.
        var start = 2
        if !attachments.isEmpty {
            guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")) else { return nil }
            start = hyphen + 1
        }
        if namespace != "/" { start += namespace.utf8.count + 1 }
        guard text.indices.contains(start), text[start] == UInt8(ascii: "[") else { return nil }
        var packet: [UInt8] = []
        packet.reserveCapacity(text.count + 10)
        packet += text[..<start]
        packet.append(decimal: id)
        packet += text[start...]
        return EncodedEvent(text: packet, attachments: attachments)
    }
}
