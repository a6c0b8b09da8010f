import Actors
import Testing

@testable import Cluster

@Suite("Hub: a session ends with its client's identity")
struct HubLifetimeTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let worker: Incarnation
    let other: Incarnation

    init() throws {
        worker = hub.attach()
        other = hub.attach()
        hub.receive(try .register("A", lifetime: .seconds(10)), from: worker)
        _ = hub.newEvents(for: worker)
    }

    @Test("a lost session can be claimed until the end of its lifetime", arguments: [9, 10])
    mutating func lost(seconds: Int) throws {
        hub.receive(try .lose("A"), from: worker)
        hub.now += .seconds(seconds)
        hub.receive(try .claim("A", nil), from: other)
        let isBack = hub.newEvents(for: other).last?.hasPrefix("A/1 back") == true
        #expect(isBack == (seconds < 10))
        #expect(hub.machine.sessions.isEmpty == !isBack)
    }

    @Test("the lifetime of a claim replaces the earlier one", arguments: [nil, .seconds(20)] as [Duration?])
    mutating func renewed(lifetime: Duration?) throws {
        hub.receive(try .lose("A"), from: worker)
        hub.receive(try .claim("A", nil, lifetime: lifetime), from: other)
        hub.receive(try .lose("A", epoch: 1), from: other)
        hub.now += .seconds(19)
        hub.receive(try .claim("A", nil), from: worker)
        #expect(hub.newEvents(for: worker).last?.hasPrefix("A/2 back") == true)
    }

    @Test("the owner of a session that has ended closes its connection when it is claimed")
    mutating func connected() throws {
        hub.now += .seconds(10)
        hub.receive(try .claim("A", nil), from: other)
        #expect(hub.newEvents(for: worker).last == "A lost 0")
        #expect(hub.newEvents(for: other).last?.contains("back") == false)
    }
}
