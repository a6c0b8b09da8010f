import Cluster
import Testing

@testable import Actors

/// Servers with one hub, like the workers of one host.
struct TestCluster {
    let host: TestHub
    let servers: [TestServer]

    /// Serves until `test` is done.
    /// - Parameter setUp: called for each server before the first client can come.
    static func run(
        _ count: Int = 3, history: [String] = [], recovery: RecoveryOptions? = RecoveryOptions(),
        setUp: (TestServer) -> Void = { _ in }, test: (TestCluster) async throws -> Void
    ) async throws {
        let host = try await TestHub(history: history, recovery: recovery)
        var servers: [TestServer] = []
        for _ in 0..<count {
            let server = try await TestServer(on: host)
            setUp(server)
            try await server.listen()
            servers.append(server)
        }
        try await test(TestCluster(host: host, servers: servers))
        for server in servers { await server.end() }
        await host.end()
    }

    /// A client in the main namespace of each server.
    func join() async throws -> [TestClient] {
        var clients: [TestClient] = []
        for server in servers { clients.append(try await server.join()) }
        return clients
    }
}
