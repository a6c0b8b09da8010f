import Actors
import Glibc
import Testing
import Transport

@testable import Cluster

/// The cost of an event with very many hosts. `CHATD_MANY_HOSTS=1000` sets their number.
@Suite("Very many hosts")
struct ManyHubsTests {
    private static let eventCount = 200
    private static let hostCount = getenv("CHATD_MANY_HOSTS").flatMap { Int(String(cString: $0)) } ?? 200

    @Test("an event costs each hub the same with very many hosts as with ten", arguments: [false, true])
    func costOfEvents(keepsMessages: Bool) async throws {
        let few = try await costOfEvent(hosts: 10, keepsMessages)
        let many = try await costOfEvent(hosts: Self.hostCount, keepsMessages)
        // The hubs share the processor's caches. A cost that grows with the number of hosts would be 20 times as high.
        #expect(many < few * 4, "\(many) instead of \(few)")
    }

    /// The processor time of an event at one hub. Checks that each worker gets each event once, in the same order.
    private func costOfEvent(hosts count: Int, _ keepsMessages: Bool) async throws -> Duration {
        let broker = MemoryBroker(keepsMessages: keepsMessages)
        let loop = try EventLoop.start(name: "hubs")
        defer { loop.stop() }
        var hosts: [HubHost] = []
        for number in 0..<count { hosts.append(await HubHost(on: loop, broker, epoch: "host\(number)")) }
        let all = hosts
        await run(on: loop) { for host in all { host.backplane.deliver(.connected) } }
        for (number, host) in all.enumerated() {
            let digits = "\(number)"
            let id = try #require(SessionID(String(repeating: "A", count: 20 - digits.count) + digits))
            await host.receive(try .register(SessionKey(id: id), namespace: "/"))
        }
        // Each namespace begins with a marker.
        await run(on: loop) { broker.deliver() }
        for number in 0..<Self.eventCount { await all[0].receive(try .emit("\(number)")) }
        let time = await withCheckedContinuation { continuation in
            loop.execute {
                let before = processorTime()
                broker.deliver()
                continuation.resume(returning: processorTime() - before)
            }
        }
        let expected = (0..<Self.eventCount).map { "event \($0)" }
        for host in all {
            let events = host.events.filter { $0.hasPrefix("event") }.map { $0.prefix { $0 != "@" }.dropLast() }
            #expect(events.map(String.init) == expected)
        }
        return time / (Self.eventCount * count)
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

/// The processor time of this thread.
private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
