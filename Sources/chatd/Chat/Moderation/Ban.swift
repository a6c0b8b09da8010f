import Actors
import Transport

/// A ban of a user or of an address.
package struct Ban: Equatable, Sendable {
    /// The longest reason, in bytes.
    package static let maxReason = 200
    /// The longest ban.
    package static let maxDuration = Duration.seconds(10 * 365 * 86_400)

    /// The latest end in a file, in milliseconds since 1970: what a number of JavaScript can hold.
    private static let maxUntil = 1 << 53

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
    var connectError: ConnectError { ConnectError("banned", data: notice.json) }

    /// What a banned client is told.
    package var notice: EndNotice { EndNotice(reason: Moderation.bannedReason, until: milliseconds) }

    private var milliseconds: Int { until.wholeMilliseconds }

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
        guard String(validating: line, as: UTF8.self) != nil, let value = try? JSONText(validating: Array(line)),
            let target = value["target"]?.string.flatMap({ ModerationTarget($0) }), let until = value["until"]?.integer,
            (0...Self.maxUntil).contains(until)
        else { return nil }
        if case .connection = target { return nil }
        self.init(target: target, until: .milliseconds(until), reason: value["reason"]?.string)
    }
}
