import Glibc
import Persistence
import Synchronization
import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

/// A server in this process, on a port of its own, with a hub that may have others.
final class TestServer: Sendable {
    let server: Server
    let host: TestHub
    let port: UInt16
    /// What handlers and tests write down.
    let notes = Notes()
    /// What the server told its operator.
    let reports = Notes()
    private let loop: EventLoop
    private let link: TestLink.Opened
    private let sockets: [ListeningSocket]
    private let clients = Mutex<[TestClient]>([])

    var main: Namespace { server.of("/") }
    var hub: Hub { host.hub }
    var store: GatedStore { host.store }

    /// Serves, alone with its hub, until `test` is done.
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
        try await TestTurns.withTurn {
            let host = try await TestHub(history: history, recovery: recovery)
            let server = try await TestServer(options, on: host, kernelBuffers: kernelBuffers)
            setUp(server)
            try await server.listen()
            do {
                try await test(server)
            } catch {
                await server.end()
                await host.end()
                throw error
            }
            await server.end()
            await host.end()
        }
    }

    init(_ options: ServerOptions = ServerOptions(), on host: TestHub, kernelBuffers: Int? = nil) async throws {
        self.host = host
        sockets = try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets
        port = try #require(sockets.first?.address.port)
        if let kernelBuffers {
            // Accepted sockets inherit it.
            for socket in sockets { setKernelBuffers(of: socket.descriptor, to: kernelBuffers) }
        }
        // A direct link is on one loop; the others have the hub and the worker on loops of their own, like two processes.
        loop = host.link == .direct ? host.loop : try EventLoop.start(name: "server")
        link = try await host.link.open(to: host.hub, on: host.loop, worker: loop, store: host.store)
        server = Server(loop: loop, options: options, adapter: link.adapter) { [reports] report in
            switch report {
            case .handlerFailed(let error, let namespace): reports.add("handler of \(namespace) failed: \(error)")
            case .historyFailed(let error): reports.add("history failed: \(error)")
            case .refused(let refusal): reports.add("refused: \(refusal)")
            case .foreignOffset: reports.add("foreign offset")
            case .reservedEventName(let name, let namespace): reports.add("\(name) not emitted in \(namespace)")
            case .inputMemoryExceeded: reports.add("input memory exceeded")
            }
        }
    }

    func listen() async throws {
        try await server.listen(on: sockets)
    }

    /// Ends the link as the death of the server's process does; clients are not told by that.
    func cutLink() async {
        await link.cut()
    }

    /// Takes the link from the hub, as far as that has to be done by hand.
    func endLink() async {
        await link.end()
    }

    func end() async {
        store.release()
        for client in clients.withLock({ $0 }) { client.close() }
        await server.close(timeout: .seconds(1))
        await link.end()
        if host.link != .direct { loop.stop() }
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
