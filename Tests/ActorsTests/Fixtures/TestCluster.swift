import Cluster
import Testing

@testable import Actors

/// Several servers with a common hub, like the workers of one host.
struct TestCluster {
    let host: TestHub
    let servers: [TestServer]

    /// Runs a test with a cluster.
    /// - Parameters:
    ///   - count: The number of servers.
    ///   - history: The initial stored messages.
    ///   - recovery: The options for lost sessions; nil to keep none.
    ///   - setUp: Sets up each server before it accepts clients.
    ///   - test: The test.
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

    /// Connects one client to each server and joins the main namespace.
    func join() async throws -> [TestClient] {
        var clients: [TestClient] = []
        for server in servers { clients.append(try await server.join()) }
        return clients
    }
}
