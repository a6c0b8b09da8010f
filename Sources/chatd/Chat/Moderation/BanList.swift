import Actors
import Transport

/// A ban of a user or of an address.
package struct Ban: Equatable, Sendable {
    /// The longest reason, in bytes.
    package static let maxReason = 200
    /// The longest ban.
    package static let maxDuration = Duration.seconds(10 * 365 * 86_400)

    /// Who is banned: a user or an address.
    package let target: ModerationTarget
    /// The end of the ban, since 1970.
    package let until: Duration
    /// The operator's note; nil without one. Clients do not get it.
    package let reason: String?

    package init(target: ModerationTarget, until: Duration, reason: String? = nil) {
        self.target = target
        self.until = until
        self.reason = reason
    }

    /// What a rejected client gets.
    var connectError: ConnectError {
        ConnectError("banned", data: ["reason": "banned", "until": JSONText(integer: milliseconds)])
    }

    private var milliseconds: Int { Int(until / .milliseconds(1)) }

    /// The ban as a line of the file, and of the operator's list.
    package var json: JSONText {
        var members: [(String, JSONText)] = [
            ("target", JSONText(string: target.description)), ("until", JSONText(integer: milliseconds)),
        ]
        if let reason { members.append(("reason", JSONText(string: reason))) }
        return JSONText(object: members)
    }

    /// - Returns: nil unless ``json`` returns such a line.
    init?(line: ArraySlice<UInt8>) {
        guard let value = try? JSONText(validating: Array(line)), let text = value["target"]?.string,
            let target = ModerationTarget(text), let until = value["until"]?.integer, until >= 0
        else { return nil }
        if case .connection = target { return nil }
        self.init(target: target, until: .milliseconds(until), reason: value["reason"]?.string)
    }
}

/// The bans that are in force.
package struct BanList: Equatable, Sendable {
    /// The most bans.
    package static let capacity = 10_000

    private var bans: [ModerationTarget: Ban] = [:]
    /// The number of lines of the file that were not understood.
    package private(set) var malformedLines = 0

    package init() {}

    /// Reads the lines of a file. Lines that are not understood, and those above ``capacity``, are skipped.
    package init(lines text: [UInt8]) {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if bans.count < Self.capacity, let ban = Ban(line: line) {
                bans[ban.target] = ban
            } else {
                malformedLines += 1
            }
        }
    }

    /// One line for each ban, in the order of ``all``.
    package var lines: [UInt8] {
        all.flatMap { $0.json.utf8 + [UInt8(ascii: "\n")] }
    }

    package var count: Int { bans.count }

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
    func ban(of targets: @autoclosure () -> [ModerationTarget], at now: Duration) -> Ban? {
        guard !bans.isEmpty else { return nil }
        return targets().compactMap { bans[$0] }.filter { $0.until > now }.max { $0.until < $1.until }
    }
}
