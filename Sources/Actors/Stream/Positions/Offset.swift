/// A client's place in the stream: its last event and, in a namespace with stored messages, its last message.
///
/// On the wire, an offset is the last argument of an event: `<epoch>.<position>` or `<epoch>.<position>.<row id>`.
/// Clients present it unchanged when they reconnect. The offset of an entry of a stream, without a stored message, is
/// the entry's id: `<milliseconds>-<sequence number>`, as official servers give it.
public struct Offset: Sendable, Equatable {
    /// The hub's run; see ``HubTerms/epoch``. It is nil for an entry of a stream, which is the same for all hubs.
    public var epoch: String?
    /// The position of the last event that the client received.
    public var position: UInt64
    /// The id of the last stored message; nil in a namespace without stored messages.
    public var row: Int64?

    /// The largest length of an offset that this server writes, in bytes.
    package static let maxLength = 64

    /// Creates an offset. The properties explain the parameters.
    public init(epoch: String?, position: UInt64, row: Int64?) {
        self.epoch = epoch
        self.position = position
        self.row = row
    }

    /// Parses the offset that a client presents. Returns nil for any text that this server cannot have written.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 1 {
            guard let entry = Self.entry(text) else { return nil }
            self = entry
            return
        }
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty else { return nil }
        guard let position = Self.number(parts[1]) else { return nil }
        epoch = String(parts[0])
        self.position = position
        if parts.count == 3 {
            guard let number = Self.number(parts[2]), let row = Int64(exactly: number) else { return nil }
            self.row = row
        }
    }

    /// Parses the id of an entry.
    private static func entry(_ text: String) -> Offset? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = number(parts[0]), let sequence = number(parts[1]),
            let position = SharedPosition(milliseconds: milliseconds, sequence: sequence)
        else { return nil }
        return Offset(epoch: nil, position: position.value, row: nil)
    }

    /// Parses a number of digits only, because `UInt64.init` would accept a sign too.
    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }

    /// The wire form, without quotes.
    package var text: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the offset in its wire form, without quotes.
    package func append(to text: inout [UInt8]) {
        guard let epoch else {
            let position = SharedPosition(position)
            text.append(decimal: position.milliseconds)
            text.append(UInt8(ascii: "-"))
            return text.append(decimal: position.sequence)
        }
        text.append(contentsOf: epoch.utf8)
        text.append(UInt8(ascii: "."))
        text.append(decimal: position)
        guard let row else { return }
        text.append(UInt8(ascii: "."))
        text.append(decimal: UInt64(max(0, row)))
    }
}

extension EncodedEvent {
    /// True if the last element of the event's array, which may be its name, is a string. A client mistakes such a
    /// string for an offset.
    package var endsInString: Bool {
        guard let last = text.dropLast().last(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) else {
            return false
        }
        return last == UInt8(ascii: "\"")
    }

    /// Appends the packet with the offset as an additional last argument.
    package func append(withOffset offset: Offset, to packet: inout [UInt8]) {
        packet.append(contentsOf: text.dropLast())
        packet.append(contentsOf: ",\"".utf8)
        offset.append(to: &packet)
        packet.append(contentsOf: "\"]".utf8)
    }
}
