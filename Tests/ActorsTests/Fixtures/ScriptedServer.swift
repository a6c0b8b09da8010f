import Testing

@testable import Actors
@testable import Transport

/// A server whose hub is a ``ScriptedAdapter``.
struct ScriptedServer {
    let server: SocketServer
    let hub: ScriptedAdapter
    let loop: EventLoop
    private let port: UInt16

    static func run(
        _ limits: Limits = .ofTests, setUp: (SocketServer) -> Void = { _ in },
        test: (_ server: ScriptedServer, _ hub: ScriptedAdapter) async throws -> Void
    ) async throws {
        let process = TestMachine.current.kernel.start { _ in }
        let loop = try process.makeLoop(limits)
        let hub = ScriptedAdapter(loop: loop)
        let server = SocketServer()
        try server.start(on: loop, adapter: hub)
        setUp(server)
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        let socket = try ListeningSocket(binding: address, on: process.machine)
        try await server.listen(on: [socket])
        try await test(ScriptedServer(server: server, hub: hub, loop: loop, port: socket.address.port), hub)
        await server.close(timeout: .seconds(1))
    }

    /// Connects a client and sends its CONNECT.
    func connect(_ namespace: String = "") async throws -> TestClient {
        let client = try await TestClient(port: port)
        client.send(namespace.isEmpty ? "0" : "0\(namespace),")
        return client
    }

    /// Connects a client and answers its registration.
    /// - Parameter number: The number of earlier registrations.
    func join(_ number: Int = 0) async throws -> (TestClient, SessionID) {
        let client = try await connect()
        let id = try await hub.nextSocket(number)
        await hub.send(.registered(id, position: 0))
        try #require(try await client.next() == "40{\"sid\":\"\(id)\"}")
        return (client, id)
    }
}
