import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Link over a transport: a slow stream does not hold up the store")
struct RemoteCongestionTests {
    /// Sends every worker more than a congested link may hold, and returns the links that then hold up the store.
    private func congest(_ hub: isolated Hub) throws -> Int {
        let worker = try #require(hub.links.keys.first)
        let text = String(repeating: "x", count: 1 << 20)
        try hub.receive((0..<10).map { _ in try HubRequest.emit(text) }, from: worker)
        return hub.links.values.filter { $0.isCongested }.count
    }

    @Test("a remote worker that takes little is not waited for")
    func slow() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A")
            side.hubTransport.refuse()
            let count = try await congest(fixture.hub)
            #expect(count == 0)
        }
    }

    @Test("a worker on this machine is waited for")
    func pipes() async throws {
        try await LinkedHub.run { fixture in
            let worker = try await fixture.join("A")
            let count = try await congest(fixture.hub)
            #expect(count == 1)
            withExtendedLifetime(worker) {}
        }
    }
}
