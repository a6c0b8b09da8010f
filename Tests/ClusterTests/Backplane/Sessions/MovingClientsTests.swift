import Testing
import Transport

@testable import Cluster

@Suite("Several hubs: clients move at random")
struct MovingClientsTests {
    @Test(
        "no client misses an event, or gets one twice or out of order", arguments: 1...30 as ClosedRange<UInt64>,
        [false, true])
    func move(seed: UInt64, keepsMessages: Bool) async throws {
        let all = try await HubHosts(3, keepsMessages: keepsMessages)
        defer { all.end() }
        let (refusals, moves, faults) = try await withCheckedThrowingContinuation { continuation in
            all.loop.execute {
                continuation.resume(
                    with: Result {
                        let clients = try MovingClients(all, clients: 4, seed: seed)
                        for _ in 0..<500 { clients.step() }
                        clients.settle()
                        return (clients.refusals, clients.moves, clients.faults)
                    })
            }
        }
        #expect(faults == [])
        #expect(refusals == 0 && moves > 20)
    }
}
