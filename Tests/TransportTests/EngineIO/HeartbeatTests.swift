import Testing

@testable import Transport

@Suite("Heartbeat: ping every 300 ms, pong within 200 ms")
struct HeartbeatTests {
    let start = ContinuousClock.now
    var heartbeat: Heartbeat

    init() {
        heartbeat = Heartbeat(interval: .milliseconds(300), timeout: .milliseconds(200), now: start)
    }

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("nothing is due before the interval is over")
    mutating func waits() {
        #expect(heartbeat.due(at: after(299)) == .wait(until: after(300)))
    }

    @Test("a pong in time starts a new interval")
    mutating func pongInTime() {
        #expect(heartbeat.due(at: after(300)) == .sendPing)
        heartbeat.pongReceived(at: after(350))
        #expect(heartbeat.due(at: after(649)) == .wait(until: after(650)))
        #expect(heartbeat.due(at: after(650)) == .sendPing)
    }

    @Test("silence ends the session at the deadline, however late the ping was sent", arguments: [300, 360, 499])
    mutating func silence(pingSentAt late: Int) {
        #expect(heartbeat.due(at: after(late)) == .sendPing)
        #expect(heartbeat.due(at: after(499)) == .wait(until: after(500)))
        #expect(heartbeat.due(at: after(500)) == .close)
    }

    @Test("a late pong does not revive the session, nor does one that nobody asked for lengthen it")
    mutating func uselessPongs() {
        heartbeat.pongReceived(at: after(100))
        #expect(heartbeat.due(at: after(300)) == .sendPing)
        heartbeat.pongReceived(at: after(500))
        #expect(heartbeat.due(at: after(501)) == .close)
    }

    @Test("while the server does not listen, silence proves nothing; afterwards the client has a whole timeout")
    mutating func suspended() {
        #expect(heartbeat.due(at: after(300)) == .sendPing)
        heartbeat.suspend()
        #expect(heartbeat.due(at: after(900)) == .wait(until: after(1100)))
        heartbeat.resume(at: after(1000))
        #expect(heartbeat.due(at: after(1199)) == .wait(until: after(1200)))
        #expect(heartbeat.due(at: after(1200)) == .close)
    }

    @Test("a pong that was read after the server's own absence counts, whenever it arrived")
    mutating func absence() {
        #expect(heartbeat.due(at: after(300)) == .sendPing)
        heartbeat.pongReceived(at: after(4000), judgesDeadline: false)
        #expect(heartbeat.due(at: after(4000)) == .wait(until: after(4300)))
    }
}
