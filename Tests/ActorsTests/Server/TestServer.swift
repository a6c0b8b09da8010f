import Glibc
import Persistence
import Synchronization
import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

/// A whole server in this process: hub, store, worker and a port of its own.
final class TestServer: Sendable {
    let server: Server
    let hub: Hub
    let store: GatedStore
    let port: UInt16
    /// What handlers and tests write down.
    let notes = Notes()
    /// What the server told its operator.
    let reports = Notes()
    private let loop: EventLoop
    private let hubLoop: EventLoop
    private let clients = Mutex<[TestClient]>([])

    var main: Namespace { server.of("/") }

    /// Serves until `test` is done.
    ///
    /// - Parameters:
    ///   - kernelBuffers: bytes that the kernel keeps for the server, in each direction of a connection; nil for the
    ///     system's own choice.
    ///   - history: the messages that are stored from the start.
    ///   - recovery: how long lost sessions are kept; nil: not at all.
    ///   - setUp: called before the first client can come.
    static func run(
        _ options: ServerOptions = ServerOptions(), kernelBuffers: Int? = nil, history: [String] = [],
        recovery: RecoveryOptions? = nil, setUp: (TestServer) -> Void = { _ in },
        test: (TestServer) async throws -> Void
    ) async throws {
        let sockets = try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets
        let port = try #require(sockets.first?.address.port)
        let server = try await TestServer(
            options, store: try await GatedStore(history: history), recovery: recovery, port: port)
        setUp(server)
        if let kernelBuffers {
            // Accepted sockets inherit it.
            for socket in sockets { setKernelBuffers(of: socket.descriptor, to: kernelBuffers) }
        }
        try await server.server.listen(on: sockets)
        do {
            try await test(server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    private init(_ options: ServerOptions, store: GatedStore, recovery: RecoveryOptions?, port: UInt16) async throws {
        self.port = port
        self.store = store
        loop = try EventLoop.start(name: "server")
        // A direct link is on one loop; the others have the hub and the worker on loops of their own, like two processes.
        let link = TestLink.current
        hubLoop = link == .direct ? loop : try EventLoop.start(name: "hub")
        hub = Hub(loop: hubLoop, store: store, epoch: "e", recovery: recovery)
        let adapter = try await link.open(to: hub, on: hubLoop, worker: loop, store: store)
        server = Server(loop: loop, options: options, adapter: adapter) { [reports] report in
            switch report {
            case .handlerFailed(let error, let namespace): reports.add("handler of \(namespace) failed: \(error)")
            case .historyFailed(let error): reports.add("history failed: \(error)")
            case .foreignOffset: reports.add("foreign offset")
            }
        }
    }

    private func end() async {
        store.release()
        for client in clients.withLock({ $0 }) { client.close() }
        await server.close(timeout: .seconds(1))
        await hub.close()
        loop.stop()
        hubLoop.stop()
    }

    /// A connected client that has joined no namespace yet.
    func connect(_ options: TestClient.Options = TestClient.Options()) async throws -> TestClient {
        let client = try await TestClient(port: port, options: options)
        clients.withLock { $0.append(client) }
        return client
    }

    /// A client in the main namespace.
    /// - Parameter auth: the JSON that its CONNECT carries.
    func join(auth: String = "", _ options: TestClient.Options = TestClient.Options()) async throws -> TestClient {
        let client = try await connect(options)
        try await client.join(auth: auth)
        return client
    }
}
