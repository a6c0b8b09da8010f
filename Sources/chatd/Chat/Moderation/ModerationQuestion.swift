import Actors
import Transport

/// What the operator asks all workers.
package enum ModerationQuestion: Equatable, Sendable {
    /// The event that carries the question.
    package static let event = "chatd moderation"
    /// The bytes of connections that a worker lists in one answer. All answers together may have 4 MiB.
    static let maxPage = 48 << 10
    /// The most connections in one answer.
    static let maxCount = 1000

    /// Connections in the order of their ids, after this one.
    case list(after: SessionID?)
    /// Disconnects clients, and counts them.
    case disconnect(ModerationTarget, EndNotice)
    /// The counters of the worker.
    case counters

    package var json: JSONText {
        switch self {
        case .list(nil): ["ask": "list"]
        case .list(let id?): ["ask": "list", "after": JSONText(string: id.description)]
        case .disconnect(let target, let notice):
            ["ask": "disconnect", "target": JSONText(string: target.description), "notice": notice.json]
        case .counters: ["ask": "counters"]
        }
    }

    package init?(_ value: JSONText) {
        switch value["ask"]?.string {
        case "list": self = .list(after: value["after"]?.string.flatMap { SessionID($0) })
        case "disconnect":
            guard let target = value["target"]?.string.flatMap({ ModerationTarget($0) }),
                let notice = value["notice"].flatMap({ EndNotice($0) })
            else { return nil }
            self = .disconnect(target, notice)
        case "counters": self = .counters
        default: return nil
        }
    }

    /// True for what is asked of the workers of one host only.
    private var isOfHost: Bool {
        if case .disconnect = self { false } else { true }
    }

    /// Answers the operator's questions about a server.
    static func install(
        on server: SocketServer, _ moderation: Moderation,
        counters: @escaping @Sendable (SocketServer) async -> JSONText
    ) {
        server.of("/").onServerSide(event) { [weak server] (arguments: Arguments) async throws -> Arguments in
            guard case .json(let value)? = arguments.first, let question = ModerationQuestion(value), let server
            else { return [] }
            // Of the workers of another host only one would be heard.
            if case .json(let host)? = arguments.dropFirst().first, host.string != moderation.host, question.isOfHost {
                return []
            }
            switch question {
            case .list(let id):
                return [.json(ConnectionPage(of: await server.localSockets(of: "/"), after: id).json)]
            case .disconnect(let target, let notice):
                // This process must know a new ban also if the file cannot be read when the first client comes.
                _ = moderation.bans?.list
                let sockets = await server.localSockets(of: "/")
                let count = sockets.filter { $0.isOne(of: target, moderation.proxies) }
                    .count { $0.end(telling: notice) }
                return [.json(["count": JSONText(integer: count)])]
            case .counters:
                return [.json(await counters(server))]
            }
        }
    }
}

extension Socket {
    fileprivate nonisolated func isOne(of target: ModerationTarget, _ proxies: TrustedProxies) -> Bool {
        if case .connection(let id) = target { return id == self.id }
        return ModeratedClient(self, except: proxies).targets.contains(target)
    }

    /// Disconnects the client. Must be called on the loop.
    /// - Returns: false if it is not connected.
    fileprivate nonisolated func end(telling notice: EndNotice) -> Bool {
        assumeIsolated { socket in
            guard socket.isConnected else { return false }
            socket.disconnect(telling: notice.json, close: true)
            return true
        }
    }
}
