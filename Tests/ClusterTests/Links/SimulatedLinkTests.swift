import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Simulated link: like pipes, cut by a seed")
struct SimulatedLinkTests {
    /// Two workers with a socket each, all on the hub's loop.
    private func withWorkers(
        seed: UInt64,
        _ test: (LinkedHub, [SimulatedLink], [DirectLinkTests.Receiver]) async throws -> Void
    ) async throws {
        try await LinkedHub.run { fixture in
            let (links, receivers) = (0..<2).reduce(into: ([SimulatedLink](), [DirectLinkTests.Receiver]())) {
                ends, number in
                let link = SimulatedLink(
                    to: fixture.hub, on: fixture.loop, worker: fixture.loop, seed: seed + UInt64(number), store: nil)
                ends.0.append(link)
                ends.1.append(DirectLinkTests.Receiver())
            }
            for ((link, receiver), letter) in zip(zip(links, receivers), "AB") {
                await link.open()
                link.attach(receiver)
                link.submit([try .register(letter)])
                try await eventually { receiver.words == ["\(letter) registered @0"] }
            }
            do {
                try await test(fixture, links, receivers)
            } catch {
                await Self.cut(links)
                throw error
            }
            await Self.cut(links)
        }
    }

    /// The hub keeps each of them until it is cut.
    private static func cut(_ links: [SimulatedLink]) async {
        for link in links { await link.cut() }
    }

    @Test(
        "two that claim each other's sessions hear each other out, however their frames are cut",
        arguments: 1...20 as ClosedRange<UInt64>)
    func cyclic(seed: UInt64) async throws {
        try await withWorkers(seed: seed) { fixture, links, receivers in
            let ofFirst = try [Operation.claim("B", nil), .join("A", "r"), .emit("a", by: "A")]
            let ofSecond = try [Operation.claim("A", nil), .join("B", "s"), .emit("b", by: "B")]
            await fixture.onLoop {
                for operation in ofFirst { links[0].submit([operation]) }
                for operation in ofSecond { links[1].submit([operation]) }
            }
            try await eventually { receivers.allSatisfy { $0.words.contains { $0.contains("back") } } }
            #expect(receivers[0].words.contains { $0.hasPrefix("B/1 back in s") })
            #expect(receivers[1].words.contains { $0.hasPrefix("A/1 back in r") })
        }
    }

    @Test(
        "when it is cut, what was sent completely arrives, and the worker hears nothing more",
        arguments: 1...5 as ClosedRange<UInt64>)
    func cut(seed: UInt64) async throws {
        try await withWorkers(seed: seed) { fixture, links, receivers in
            let operations = try [Operation.emit("a", by: "A"), .emit("b", by: "A")]
            links[0].submit(operations)
            await links[0].cut()
            let heard = receivers[0].words
            links[0].submit(operations)
            links[1].submit([try .emit("x")])
            try await eventually { receivers[1].words.last == "event x @3" }
            #expect(receivers[1].words == ["B registered @0", "event a @1", "event b @2", "event x @3"])
            #expect(receivers[0].words == heard)
            #expect(await fixture.hub.status.lostSessions == 1)
        }
    }
}
