import Actors
import Persistence
import Transport

/// PostgreSQL servers at which an emitter publishes, in the format of the official PostgreSQL emitter.
struct PostgresEmitterBroker: EmitterBroker {
    private let url: PostgresBackplaneURL

    init(_ url: PostgresBackplaneURL) {
        self.url = url
    }

    var servers: [PostgresURL.Server] { url.database.servers }

    func addresses(
        of server: PostgresURL.Server, on loop: EventLoop, isolation: isolated (any Actor)?
    ) async throws -> [SocketAddress] {
        try await server.addresses
    }

    func connect(
        to address: SocketAddress, of server: PostgresURL.Server, on loop: EventLoop,
        handle: @escaping (EmitterConnectionEvent) -> Void
    ) throws(SystemError) -> PostgresEmitterConnection {
        let name = (name: "application_name", value: "chatd emitter")
        let identity = url.database.identity(at: server, settings: [name])
        return try PostgresEmitterConnection(
            to: address, identity, PostgresStatements(url.table), on: loop, handle: handle)
    }

    func encode(_ message: BackplaneMessage) throws(EmitterError) -> PostgresPublication {
        let channels: PostgresChannels
        do throws(PostgresChannels.Refusal) {
            channels = try PostgresChannels(prefix: url.prefix, namespace: message.namespace)
        } catch {
            throw .invalidEvent("\(error)")
        }
        guard let content = ClusterMessage.Content(message) else {
            throw .invalidEvent("servers have no such message")
        }
        let full = ClusterMessage(uid: ClusterMessage.emitterID, namespace: message.namespace, content: content)
        let publication = PostgresPublication(full, on: channels.all, .emitted)
        guard !publication.isTooLarge else {
            throw .invalidEvent("it has more than \(PostgresStatements.maxAttachment) bytes")
        }
        return publication
    }
}

extension PostgresURL.Server {
    /// The addresses of the server. A name is looked up on another thread, because that may take long.
    var addresses: [SocketAddress] {
        get async throws {
            switch self {
            case .socket(let directory, let port): return [try SocketAddress(unixPath: "\(directory)/.s.PGSQL.\(port)")]
            case .tcp(let host, let port): return try await SocketAddress.lookUp(host: host, port: port)
            }
        }
    }
}
