import Transport

/// The id that Redis gives an entry of a stream: `<milliseconds>-<sequence number>`. The ids of a stream only grow.
public struct EntryID: Sendable, Hashable {
    /// The time at which the entry was added, in milliseconds since 1970, by the clock of the server.
    public let milliseconds: UInt64
    /// Distinguishes the entries of one millisecond.
    public let sequence: UInt64

    /// Creates an id. The properties explain the parameters.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Parses an id. Returns nil for any other text than the one that Redis writes.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Self.number(parts[0]), let sequence = Self.number(parts[1]) else {
            return nil
        }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Parses a number of digits only, without leading zeros.
    private static func number(_ text: some StringProtocol) -> UInt64? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0") || text.utf8.count == 1,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(text)
    }
}

extension EntryID: Comparable {
    public static func < (left: EntryID, right: EntryID) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}

extension EntryID: CustomStringConvertible {
    /// The id as Redis writes it.
    public var description: String { "\(milliseconds)-\(sequence)" }
}
