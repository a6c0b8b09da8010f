/// Where a client is in what it gets: the last event and, in a namespace with stored messages, the last message.
///
/// On the wire it is the last argument of an event, `<epoch>.<position>` or `<epoch>.<position>.<row id>`; clients present it
/// unchanged when they come back.
public struct Offset: Sendable, Equatable {
    public var epoch: String
    public var position: UInt64
    /// The id of the last stored message; nil in a namespace without any.
    public var row: Int64?

    public init(epoch: String, position: UInt64, row: Int64?) {
        self.epoch = epoch
        self.position = position
        self.row = row
    }

    /// Reads what a client presents; nil for anything that this server cannot have written.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty else { return nil }
        guard let position = Self.number(parts[1]) else { return nil }
        epoch = String(parts[0])
        self.position = position
        if parts.count == 3 {
            guard let number = Self.number(parts[2]), let row = Int64(exactly: number) else { return nil }
            self.row = row
        }
    }

    /// Digits only: `UInt64.init` would take a sign too.
    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }

    /// Appends the offset as it travels, without quotes.
    package func append(to text: inout [UInt8]) {
        text.append(contentsOf: epoch.utf8)
        text.append(UInt8(ascii: "."))
        text.append(decimal: position)
        guard let row else { return }
        text.append(UInt8(ascii: "."))
        text.append(decimal: UInt64(max(0, row)))
    }
}

extension EncodedEvent {
    /// Whether the last thing in the event's array is a string, its name included. A client takes that for an offset.
    package var endsInString: Bool {
        guard let last = text.dropLast().last(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) else {
            return false
        }
        return last == UInt8(ascii: "\"")
    }

    /// Appends the packet with one more argument at its end: the offset.
    package func append(withOffset offset: Offset, to packet: inout [UInt8]) {
        packet.append(contentsOf: text.dropLast())
        packet.append(contentsOf: ",\"".utf8)
        offset.append(to: &packet)
        packet.append(contentsOf: "\"]".utf8)
    }
}
