import Actors
import Testing
import Transport

@testable import Cluster

@Suite("A hub and the end of its connection to the broker")
struct HubOutageTests {
    @Test("with the policy fail, events for all hosts reach nobody, return their credit, and are counted")
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

    @Test("an event that the broker has had comes before what the next connection brings, also if it has not come back")
    func lostReturn() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await two.receive(try .register("B"))
        await one.receive(try .register("A"), try .emit("x", by: "A"))
        let sent = try #require(all.broker.takeFirst())
        await all.run {
            two.backplane.deliver(.received(sent.message, row: nil))
            one.backplane.deliver(.disconnected(reason: "gone"))
        }
        await two.receive(try .emit("y", by: "B"))
        await all.run { one.backplane.deliver(.begun(after: sent.number)) }
        // The host waits for others before it publishes again, and receives meanwhile.
        await all.deliver()
        await all.run { one.backplane.deliver(.connected) }
        await all.deliver()
        let events = [0, 1].map { all.events($0).filter { $0.hasPrefix("event") }.map { $0.prefix(7) } }
        #expect(events == [["event x", "event y"], ["event x", "event y"]])
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
