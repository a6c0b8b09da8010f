import Actors
import Testing
import Transport

@testable import Cluster

@Suite("A hub that is cut off, with the policy fail")
struct HubOutageTests {
    @Test("events for all hosts reach nobody, return their credit, and are counted")
    func dropped() async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        let broker = MemoryBroker()
        let host = await HubHost(on: loop, broker, outage: .fail)
        await run(on: loop) { host.backplane.deliver(.connected) }
        await host.receive(try .register("A"))
        await run(on: loop) { broker.deliver() }
        await run(on: loop) { host.backplane.deliver(.disconnected(reason: "gone")) }
        await host.receive(try .emit("x", by: "A"))
        #expect(host.events == [])
        await host.hub.expireMessages(at: loop.now + host.backplane.patience)
        #expect(host.events == ["A emitted"])
        await host.receive(try .emit("y", by: "A"), try .join("A", "r"))
        #expect(host.events == ["A emitted", "A emitted", "A joined r"])
        let own = try SessionID("A" as Character).description
        await host.receive(try .emit("own", to: [own], by: "A"))
        #expect(host.events.count == 5 && host.events[3].hasPrefix("event own"))
        let inquiry = Inquiry(number: 3, target: .clients(.event("q")), maxBytes: 1000)
        await host.receive(.inquire(inquiry, sender: nil))
        #expect(host.events.last == "answers to 3: incomplete")
        #expect(await host.hub.status.dropped == 3)
    }

    private func run(on loop: EventLoop, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                work()
                continuation.resume()
            }
        }
    }
}
