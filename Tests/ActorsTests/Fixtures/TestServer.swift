import Persistence
import SimulatedMachine
import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

/// A server on the test's machine, with a hub that may have others.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestServer: @unchecked Sendable {
    let server: Server
    let host: TestHub
    let port: UInt16
    /// What handlers and tests write down.
    let notes = Notes()
    /// What the server told its operator.
    let reports = Notes()
    let machine = TestMachine.current
    private let link: TestLink.Opened
    private let socket: ListeningSocket
    private var clients: [TestClient] = []

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
        let host = try await TestHub(history: history, recovery: recovery)
        let server = try await TestServer(options, on: host, kernelBuffers: kernelBuffers)
        setUp(server)
        try await server.listen()
        try await test(server)
        await server.end()
        await host.end()
    }

    init(_ options: ServerOptions = ServerOptions(), on host: TestHub, kernelBuffers: Int? = nil) async throws {
        self.host = host
        link = try await host.link.open(to: host.hub, in: host.process, on: host.loop, store: host.store)
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        socket = try ListeningSocket(binding: address, on: link.process.machine)
        port = socket.address.port
        if let kernelBuffers { machine.setBuffers(ofPort: port, to: kernelBuffers) }
        server = Server(loop: link.loop, options: options, adapter: link.adapter) { [reports] report in
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
        try await server.listen(on: [socket])
    }

    /// Kills the server's process. Its clients lose their connections.
    func kill() async {
        await machine.kill(link.process)
    }

    /// Makes the hub take the server's process for ended; a direct link has no other end.
    func endLink() async {
        await link.hubLink?.finish()
    }

    func end() async {
        store.release()
        for client in clients { client.close() }
        guard !link.process.hasEnded else { return }
        await server.close(timeout: .seconds(1))
        await endLink()
        if link.hubLink != nil { link.loop.stop() }
    }

    /// A connected client that has joined no namespace yet.
    func connect(_ options: TestClient.Options = TestClient.Options()) async throws -> TestClient {
        let client = try await TestClient(port: port, options: options)
        clients.append(client)
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
