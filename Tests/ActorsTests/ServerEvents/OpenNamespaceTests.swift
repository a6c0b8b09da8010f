import TestSupport
import Testing

@testable import Actors

@Suite("The namespaces that a worker tells its hub", .overDirectLink)
struct OpenNamespaceTests {
    @Test("the hub learns of the namespaces that the application creates, not of those that clients create")
    func namespaces() async throws {
        try await ScriptedServer.run(
            setUp: { server in
                _ = server.of("/b")
                _ = server.of("/a")
                _ = server.of { name, _ in name.hasPrefix("/dynamic") }
                _ = server.of("/dynamic-1")
            },
            test: { server, hub in
                let client = try await server.connect("/dynamic-2")
                _ = try await hub.nextSocket()
                _ = server.server.of("/late")
                // Before the worker is attached, a namespace may be told twice.
                let expected: Set = ["open /a", "open /b", "open /dynamic-1", "open /late"]
                try await eventually { hub.openRequests.contains("open /late") }
                #expect(Set(hub.openRequests) == expected)
                client.close()
            })
    }
}

extension ScriptedAdapter {
    fileprivate nonisolated var openRequests: [String] {
        batches.flatMap { $0 }.filter { $0.hasPrefix("open ") }
    }
}
