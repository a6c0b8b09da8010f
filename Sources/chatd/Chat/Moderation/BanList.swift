import Transport

/// The bans that are in force.
package struct BanList: Equatable, Sendable {
    /// The most bans.
    package static let capacity = 10_000

    /// A line of the file that is not understood. It bans nobody, and stays in the file for the operator.
    package struct MalformedLine: Equatable, Sendable {
        /// The number of the line in the file, from 1.
        package let number: Int
        fileprivate let bytes: [UInt8]
    }

    private var bans: [ModerationTarget: Ban] = [:]
    package private(set) var malformedLines: [MalformedLine] = []

    package init() {}

    /// Reads the lines of a file, also those above ``capacity``.
    package init(lines text: [UInt8]) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty {
            if let ban = Ban(line: line) {
                // Of two bans of one target, an operator may have meant either. The longer one lifts none.
                if let other = bans[ban.target], other.until > ban.until { continue }
                bans[ban.target] = ban
            } else {
                malformedLines.append(MalformedLine(number: index + 1, bytes: Array(line)))
            }
        }
    }

    /// One line for each ban, in the order of ``all``, and then the malformed lines as they were.
    package var lines: [UInt8] {
        Array(validLines.utf8) + malformedLines.flatMap { $0.bytes + [UInt8(ascii: "\n")] }
    }

    /// One line of JSON for each ban, in the order of ``all``.
    package var validLines: String {
        all.map { "\($0.json)\n" }.joined()
    }

    package var count: Int { bans.count }

    /// The number of bans that have not ended.
    package func count(at now: Duration) -> Int {
        bans.values.count { $0.until > now }
    }

    /// The bans, the first to end first.
    package var all: [Ban] {
        bans.values.sorted { ($0.until, $0.target.description) < ($1.until, $1.target.description) }
    }

    /// Adds a ban, or replaces the one of the same target.
    /// - Returns: false if there are too many bans.
    package mutating func add(_ ban: Ban) -> Bool {
        guard bans[ban.target] != nil || bans.count < Self.capacity else { return false }
        bans[ban.target] = ban
        return true
    }

    /// Ends a ban.
    /// - Returns: false if there is none.
    package mutating func remove(_ target: ModerationTarget) -> Bool {
        bans.removeValue(forKey: target) != nil
    }

    /// Forgets the bans that have ended.
    package mutating func removeEnded(at now: Duration) {
        bans = bans.filter { $0.value.until > now }
    }

    /// The ban of a client that ends last; nil if it is not banned.
    package func ban(of targets: @autoclosure () -> [ModerationTarget], at now: Duration) -> Ban? {
        guard !bans.isEmpty else { return nil }
        return targets().compactMap { bans[$0] }.filter { $0.until > now }.max { $0.until < $1.until }
    }
}
