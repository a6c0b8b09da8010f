import Persistence
import SimulatedMachine
import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

/// A server on the test's machine. Its hub may serve other servers too.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestServer: @unchecked Sendable {
    let server: SocketServer
    let host: TestHub
    let port: UInt16
    /// The notes of handlers and tests.
    let notes = Notes()
    /// The server's reports.
    let reports = Notes()
    /// The refusals of clients by namespaces.
    let refusals = Notes()
    let machine = TestMachine.current
    let link: TestLink.Opened
    private let socket: ListeningSocket
    private var clients: [TestClient] = []

    var main: Namespace { server.of("/") }
    var hub: Hub { host.hub }
    var loop: EventLoop { link.loop }
    var store: GatedStore { host.store }

    /// Runs a test with a server and its own hub.
    ///
    /// - Parameters:
    ///   - options: The server's options.
    ///   - kernelBuffers: The size of the kernel buffers in each direction of a connection, in bytes; nil for the
    ///     system's default.
    ///   - history: The initial stored messages.
    ///   - recovery: The options for lost sessions; nil to keep none.
    ///   - setUp: Sets up the server before it accepts clients.
    ///   - test: The test.
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
        server = SocketServer(options) { [reports, refusals] report in
            switch report {
            case .handlerFailed(let error, let namespace): reports.add("handler of \(namespace) failed: \(error)")
            case .historyFailed(let error): reports.add("history failed: \(error)")
            case .refused(let refusal): reports.add("refused: \(refusal)")
            case .foreignOffset: reports.add("foreign offset")
            case .reservedEventName(let name, let namespace): reports.add("\(name) not emitted in \(namespace)")
            case .routeFailed(let error, let path): reports.add("route \(path) failed: \(error)")
            case .clientRefused(let refused): refusals.add("\(refused)")
            case .invalidPacket(let error, _, _): reports.add("invalid packet: \(error)")
            case .packetNotSent(let error): reports.add("not sent: \(error)")
            case .inputMemoryExceeded: reports.add("input memory exceeded")
            case .tooManyNamespaces(let limit): reports.add("more than \(limit) namespaces")
            case .tooManyRooms(let limit, _, _): reports.add("more than \(limit) rooms")
            }
        }
        try server.start(on: link.loop, adapter: link.adapter)
    }

    func listen() async throws {
        try await server.listen(on: [socket])
    }

    /// Kills the server's process, which closes its clients' connections.
    func kill() async {
        await machine.kill(link.process)
    }

    /// Closes the hub's end of the link, as if the server's process had ended. Has no effect on a direct link.
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

    /// Connects a client without joining a namespace.
    func connect(_ options: TestClient.Options = TestClient.Options()) async throws -> TestClient {
        let client = try await TestClient(port: port, options: options)
        clients.append(client)
        return client
    }

    /// Connects a client and joins the main namespace.
    /// - Parameters:
    ///   - auth: The `auth` of its CONNECT, as JSON.
    ///   - options: The client's options.
    func join(auth: String = "", _ options: TestClient.Options = TestClient.Options()) async throws -> TestClient {
        let client = try await connect(options)
        try await client.join(auth: auth)
        return client
    }
}
