import Actors
import Glibc
import Transport

/// Takes the operator's commands: HTTP requests on a Unix domain socket, which only the server's user and root may use.
actor CommandServer {
    /// The most open connections.
    static let maxConnections = 8
    /// The largest request, in bytes.
    static let maxRequest = 64 << 10
    /// How long a connection may be idle, and take to receive each 16 KiB of an answer.
    private static let patience = Duration.seconds(30)
    /// The mode of the socket's file: only its owner can connect.
    private static let fileMode: mode_t = 0o600

    private nonisolated let loop: EventLoop
    /// The server without clients through which the commands reach all workers.
    private let server: SocketServer
    private var socket: ListeningSocket?
    private var http: LoopBound<HTTPServer>?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Attaches the operator to a hub, and begins to take commands.
    /// - Parameters:
    ///   - refused: called on the loop for each connection of a user who may not use the socket.
    ///   - counters: returns the counters of this process.
    ///   - drain: stops the server. Called on the loop.
    /// - Throws: ``CommandSocket/BindError`` if the socket cannot be bound, and ``SystemError``.
    init(
        _ socket: CommandSocket, of hub: Hub, on loop: EventLoop, refused: @escaping @Sendable (UInt32?) -> Void,
        counters: @escaping @Sendable () async -> (hub: Hub.Counters?, workers: WorkerCounters?),
        drain: @escaping @Sendable () -> Void
    ) async throws {
        self.loop = loop
        server = SocketServer(report: { _ in })
        // Hosts ask each other. An operator has no clients to tell of, and must not count as a server that fails.
        for event in socket.silentEvents {
            server.of("/").onServerSide(event) { (_: Arguments) throws -> Arguments in [] }
        }
        let listening: ListeningSocket
        do {
            listening = try ListeningSocket(binding: socket.address, on: loop.machine)
        } catch {
            throw CommandSocket.BindError(cause: error)
        }
        self.socket = listening
        // Until now the file had another mode, so the user of each connection is checked too.
        listening.setFileMode(Self.fileMode)
        let http = HTTPServer(
            loop: loop, limits: HTTPLimits(maxBody: Self.maxRequest), answerTimeout: Self.patience,
            keepAlive: Self.patience, maxConnections: Self.maxConnections)
        http.mayConnect = { descriptor in
            let user = PeerCredentials.user(of: descriptor)
            if let user, user == 0 || user == geteuid() { return true }
            refused(user)
            return false
        }
        let access = CommandAccess(
            server: server, counters: counters,
            delete: { [weak hub] ids throws(DeletionError) in
                guard let hub else { throw .unavailable }
                return try await hub.delete(ids)
            }, drain: drain)
        http.route(CommandClient.path, to: CommandHandler { await socket.answer($0, $1, access) })
        self.http = LoopBound(http, to: loop)
        var isListening = false
        do {
            try server.start(on: loop, adapter: DirectLink(to: hub, store: nil))
            try http.listen(on: listening)
            isListening = true
            // This attaches the server to the hub.
            try await server.listen(on: [])
        } catch {
            await close()
            // Otherwise the HTTP server has closed it.
            if !isListening { listening.close() }
            throw error
        }
    }

    /// Removes the socket's file, closes the connections without a command, and detaches the operator from the hub.
    /// Commands that are answered go on.
    func close() async {
        socket?.removeFile()
        socket = nil
        http?.value.shutDown()
        http = nil
        await server.close(timeout: .zero)
    }
}

/// Answers requests with a function.
private final class CommandHandler: HTTPRequestHandler {
    private let answer: @Sendable ([UInt8], _ user: UInt32?) async -> HTTPResponse

    init(_ answer: @escaping @Sendable ([UInt8], _ user: UInt32?) async -> HTTPResponse) {
        self.answer = answer
    }

    func bodyBegins(_ exchange: HTTPExchange) {
        if exchange.request.head.method != .post { exchange.respond(.methodNotAllowed) }
    }

    func handle(_ exchange: HTTPExchange) {
        guard exchange.request.head.method == .post else { return exchange.respond(.methodNotAllowed) }
        let user = exchange.peerUser
        exchange.loop.startTask { [answer] in exchange.respond(await answer(exchange.request.body, user)) }
    }
}
