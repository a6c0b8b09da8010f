import Actors
import Transport

/// Redis servers at which an emitter publishes, in the formats of the official emitters.
struct RedisEmitterBroker: EmitterBroker {
    /// The largest message, in bytes.
    private static let maxMessage = 32 << 20

    private let url: RedisURL
    private let pubSub: RedisPubSub

    init(_ url: RedisURL) {
        self.url = url
        pubSub = RedisPubSub(url)
    }

    var servers: [RedisURL.Server] { url.servers }

    func addresses(
        of server: RedisURL.Server, on loop: EventLoop, isolation: isolated (any Actor)?
    ) async throws -> [SocketAddress] {
        try await url.addresses(behind: server, on: loop)
    }

    func connect(
        to address: SocketAddress, of server: RedisURL.Server, on loop: EventLoop,
        handle: @escaping (EmitterConnectionEvent) -> Void
    ) throws(SystemError) -> RedisEmitterConnection {
        try RedisEmitterConnection(to: address, url.identity, pubSub, on: loop, handle: handle)
    }

    func encode(_ message: BackplaneMessage) throws(EmitterError) -> RedisCommand {
        guard let command = command(for: message) else {
            throw .invalidEvent("it has more than \(Self.maxMessage) bytes")
        }
        return command
    }

    /// The command that publishes a message; nil for one that is too large.
    private func command(for message: BackplaneMessage) -> RedisCommand? {
        let emitter = ClusterMessage.emitterID
        if pubSub == .streams {
            guard let content = ClusterMessage.Content(message) else { return nil }
            let fields = ClusterMessage(uid: emitter, namespace: message.namespace, content: content).streamFields()
            guard fields.reduce(0, { $0 + $1.value.count }) <= Self.maxMessage else { return nil }
            return StreamCommands(stream: url.stream, length: url.streamLength, node: emitter)
                .add(fields.flatMap { [Array($0.name.utf8), $0.value] })
        }
        let dialect = pubSub.dialect(of: message.namespace, prefix: url.prefix, uid: emitter, random: 0)
        guard let (channel, payload) = dialect.encode(message, nil), payload.count <= Self.maxMessage else {
            return nil
        }
        return pubSub.publish(payload, in: channel)
    }
}

extension RedisCommand: OutboxMessage {
    /// The size of the arguments.
    var byteCount: Int { arguments.reduce(0) { $0 + $1.count } }
}
