@testable import Cluster

/// Sessions in their phases, and a server's answers (recorded from Redis 7.0.15).
enum RedisSession {
    typealias Identity = RedisStateMachine.Identity

    static let hello =
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:4\r\n"
        + "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
    static let unknownHello =
        "-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'secret' 'SETNAME' 'n' \r\n"
    /// Parts of the answer to INFO.
    static let info = bulk(
        "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\nredis_mode:standalone\r\nos:Linux x86_64\r\n"
            + "\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n")

    static let server3 = RedisServer(version: "7.0.15", mode: .standalone, role: .master, protocolVersion: .resp3)
    static let server2 = RedisServer(version: "7.0.15", mode: .standalone, role: .master, protocolVersion: .resp2)

    static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    /// A session whose first command was sent, with an empty output.
    static func starting(_ identity: Identity = Identity(), limits: RESPLimits = RESPLimits()) -> RedisStateMachine {
        var session = RedisStateMachine(identity, limits: limits)
        session.start()
        _ = session.takeOutput()
        return session
    }

    /// A session that is ready, with an empty output.
    static func ready(
        _ version: RedisProtocolVersion = .resp3, limits: RESPLimits = RESPLimits(), maxOpenAnswers: Int = 100
    ) -> RedisStateMachine {
        var session = RedisStateMachine(
            Identity(protocolVersion: version), limits: limits, maxOpenAnswers: maxOpenAnswers)
        session.start()
        _ = session.receive(version == .resp3 ? hello + "+PONG\r\n" : info + "+PONG\r\n")
        _ = session.takeOutput()
        return session
    }

    /// A notice: a push in version 3 of the protocol, and an array in version 2.
    static func notice(_ version: RedisProtocolVersion, _ words: String..., count: Int? = nil) -> String {
        let elements = words.map(bulk) + (count.map { [":\($0)\r\n"] } ?? [])
        return (version == .resp3 ? ">" : "*") + "\(elements.count)\r\n" + elements.joined()
    }

    static func error(_ prefix: String, _ message: String) -> RedisError {
        RedisError(prefix: prefix, message: message)
    }
}

extension RedisStateMachine {
    mutating func receive(_ text: String) -> [Event] { receive(Array(text.utf8)) }

    /// The commands that the session sends, as one line each.
    mutating func takeCommands() -> [String] {
        RESPReading(takeOutput()).values.map { value in
            guard case .array(let arguments) = value else { return "\(value)" }
            return arguments.map { $0.text ?? "?" }.joined(separator: " ")
        }
    }
}
