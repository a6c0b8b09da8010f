import Actors
import ChatApplication
import Persistence
import Transport

/// An operator's command, as a JSON object.
enum AdminRequest: Equatable {
    /// The most connections that one command lists.
    static let maxConnections = 10_000
    /// The longest reason and the longest announcement, in bytes.
    static let maxReason = Ban.maxReason
    static let maxText = 4 << 10
    /// The most messages that one command deletes.
    static let maxDeletions = 100

    case connections(limit: Int)
    case disconnect(ModerationTarget, reason: String)
    case ban(ModerationTarget, for: Duration, reason: String?)
    case unban(ModerationTarget)
    case bans
    case announce(String)
    case delete([Int64])
    case counters
    case drain

    /// The reason why a request is none.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    var json: JSONText {
        switch self {
        case .connections(let limit): ["command": "connections", "limit": JSONText(integer: limit)]
        case .disconnect(let target, let reason):
            [
                "command": "disconnect", "target": JSONText(string: target.description),
                "reason": JSONText(string: reason),
            ]
        case .ban(let target, let duration, let reason):
            [
                "command": "ban", "target": JSONText(string: target.description),
                "seconds": JSONText(integer: Int(duration / .seconds(1))),
                "reason": reason.map { JSONText(string: $0) } ?? .null,
            ]
        case .unban(let target): ["command": "unban", "target": JSONText(string: target.description)]
        case .bans: ["command": "bans"]
        case .announce(let text): ["command": "announce", "text": JSONText(string: text)]
        case .delete(let ids):
            ["command": "delete", "ids": JSONText(array: ids.map { JSONText(integer: Int($0)) })]
        case .counters: ["command": "counters"]
        case .drain: ["command": "drain"]
        }
    }

    /// - Parameter body: the body of a request, which may be anything.
    /// - Throws: ``Malformed`` for anything but what ``json`` returns.
    init(_ body: [UInt8]) throws(Malformed) {
        guard String(validating: body, as: UTF8.self) != nil, let value = try? JSONText(validating: body),
            let command = value["command"]?.string
        else { throw Malformed(description: "the request is not a JSON object with a command") }
        switch command {
        case "connections":
            guard let limit = value["limit"]?.integer, (1...Self.maxConnections).contains(limit) else {
                throw Malformed(description: "limit is not a whole number from 1 to \(Self.maxConnections)")
            }
            self = .connections(limit: limit)
        case "disconnect":
            let reason = try Self.text(value["reason"], "reason", upTo: Self.maxReason) ?? "disconnected"
            self = .disconnect(try Self.target(value), reason: reason)
        case "ban":
            let longest = Int(Ban.maxDuration / .seconds(1))
            guard let seconds = value["seconds"]?.integer, (1...longest).contains(seconds) else {
                throw Malformed(description: "a ban lasts between a second and ten years")
            }
            let reason = try Self.text(value["reason"], "reason", upTo: Self.maxReason)
            self = .ban(try Self.bannable(value), for: .seconds(seconds), reason: reason)
        case "unban": self = .unban(try Self.bannable(value))
        case "bans": self = .bans
        case "announce":
            guard let text = try Self.text(value["text"], "text", upTo: Self.maxText) else {
                throw Malformed(description: "the text is missing")
            }
            self = .announce(text)
        case "delete": self = .delete(try Self.ids(value["ids"]))
        case "counters": self = .counters
        case "drain": self = .drain
        default: throw Malformed(description: "the command is unknown")
        }
    }

    private static func target(_ value: JSONText) throws(Malformed) -> ModerationTarget {
        guard let target = value["target"]?.string.flatMap({ ModerationTarget($0) }) else {
            throw Malformed(
                description: "the target is not the id of a connection, user:ID, or address:ADDRESS (an IPv4 or IPv6 "
                    + "address)")
        }
        return target
    }

    private static func bannable(_ value: JSONText) throws(Malformed) -> ModerationTarget {
        let target = try target(value)
        if case .connection = target {
            throw Malformed(description: "a ban is of user:ID or of an address; a connection can be disconnected")
        }
        return target
    }

    private static func ids(_ value: JSONText?) throws(Malformed) -> [Int64] {
        let ids = (value?.elements ?? []).compactMap { $0.integer.map(Int64.init) }
        guard ids.count == value?.elements?.count, (1...maxDeletions).contains(ids.count),
            ids.allSatisfy({ (1...StoredMessage.maxID).contains($0) })
        else { throw Malformed(description: "the ids are not 1 to \(maxDeletions) ids of messages") }
        return ids
    }

    private static func text(
        _ value: JSONText?, _ name: String, upTo limit: Int
    ) throws(Malformed) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string, (1...limit).contains(text.utf8.count) else {
            throw Malformed(description: "\(name) is not a text of 1 to \(limit) bytes")
        }
        return text
    }
}
