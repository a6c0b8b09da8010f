import Actors
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("A hub that leaves the others")
struct HubLeavingTests {
    private static let asker = BackplaneAsker(node: "n", namespace: "/", request: "q")
    private static let null = BackplaneAnswer.result(EncodedArguments(text: Array("null".utf8)))
    private static let event = BackplaneQuestion.servers(
        ServerEvent(namespace: "/", name: "x", arguments: EncodedArguments(text: [])))

    /// The number of the inquiry that a worker was sent last.
    private func inquiry(_ host: HubHost) throws -> UInt64 {
        let inquired = try #require(host.events.last { $0.hasPrefix("inquiry ") })
        return try #require(UInt64(inquired.dropFirst("inquiry ".count).prefix(while: \.isNumber)))
    }

    /// Closes a hub as its process does, in a task that stays on the loop.
    private func close(_ host: HubHost, of all: HubHosts) async {
        await all.loop.startTask { await host.hub.close() }.value
    }

    @Test("what other hosts ask while they still count it is answered at once, without workers too")
    func questions() async throws {
        let all = try await HubHosts(1)
        defer { all.end() }
        let one = all[0]
        await one.receive(try .register("A"), try .join("A", "r"))
        await one.hub.detach(one.worker)
        one.backplane.atWithdrawal.withLock { action in
            action = {
                let selection = SocketSelection(namespace: "/", rooms: [], exceptions: [])
                for question in [.sockets(selection), .rooms(namespace: "/"), .clients(.event("x")), Self.event] {
                    one.backplane.deliver(.asked(question, Self.asker))
                }
            }
        }
        await close(one, of: all)
        #expect(one.backplane.answers == [.sockets([]), .rooms([]), .clientCount(0), Self.null])
    }

    @Test(
        "a question to handlers whose worker ends is answered with null, but only if the host ends",
        arguments: [true, false])
    func handlers(isStopping: Bool) async throws {
        let all = try await HubHosts(1)
        defer { all.end() }
        let one = all[0]
        if isStopping { await one.hub.stopBegins() }
        await all.run { one.backplane.deliver(.asked(Self.event, Self.asker)) }
        _ = try inquiry(one)
        await one.hub.detach(one.worker)
        #expect(one.backplane.answers == (isStopping ? [Self.null] : []))
    }

    @Test("a handler of the host itself may still answer when the host is not counted any more")
    func lateResult() async throws {
        let all = try await HubHosts(1)
        defer { all.end() }
        let one = all[0]
        await all.run { one.backplane.deliver(.asked(Self.event, Self.asker)) }
        let number = try inquiry(one)
        let value = EncodedArguments(text: Array("1".utf8))
        one.backplane.atWithdrawal.withLock { action in
            action = {
                one.hub.run {
                    let report = InquiryReport(number: number, answers: [.arguments(value)], state: .complete)
                    one.hub.assumeIsolated { $0.receive([.answer(report)], from: one.worker) }
                }
            }
        }
        await close(one, of: all)
        #expect(one.backplane.answers == [.result(value)])
    }

    @Test("a handler that does not answer holds up the end for a limited time")
    func noResult() async throws {
        let all = try await HubHosts(1)
        defer { all.end() }
        await all.run { [one = all[0]] in one.backplane.deliver(.asked(Self.event, Self.asker)) }
        await close(all[0], of: all)
        #expect(all[0].backplane.answers == [Self.null])
    }

    @Test("a session that is asked for before is given, and one that is asked for then is refused")
    func sessions() async throws {
        let all = try await HubHosts(2)
        defer { all.end() }
        let (one, two) = (all[0], all[1])
        await one.receive(try .register("A"), try .register("B"), try .lose("A"), try .lose("B"))
        await two.receive(try .claim("A", nil))
        await all.deliver(1)
        #expect(all.broker.waiting == ["cut 1"])
        let waiting = Mutex<[String]?>(nil)
        one.backplane.atWithdrawal.withLock { action in
            action = {
                waiting.withLock { $0 = all.broker.waiting }
                two.hub.assumeIsolated { hub in
                    guard let claim = try? HubRequest.claim("B", nil) else { return }
                    hub.receive([claim], from: two.worker)
                }
                all.broker.deliver()
            }
        }
        let closing = Task { await close(one, of: all) }
        try await eventually {
            await all.deliver()
            return !two.events.isEmpty
        }
        await closing.value
        await all.deliver()
        #expect(waiting.withLock { $0 } == [])
        #expect(two.events == ["A/1 back from 0 @1:", "refused"])
    }
}
