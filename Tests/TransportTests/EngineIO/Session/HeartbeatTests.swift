import Testing

@testable import Transport

@Suite("Heartbeat: ping every 300 ms, pong within 200 ms")
struct HeartbeatTests {
    let start = ContinuousClock.now
    var heartbeat: Heartbeat
    /// The client's progress.
    var progress = PeerProgress()

    init() {
        heartbeat = Heartbeat(interval: .milliseconds(300), timeout: .milliseconds(200), now: start)
    }

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private mutating func due(at time: Int) -> Heartbeat.Action {
        let progress = progress
        return heartbeat.due(at: after(time), progress: { progress })
    }

    @Test("nothing is due before the interval has passed")
    mutating func waits() {
        #expect(due(at: 299) == .wait(until: after(300)))
    }

    @Test("a pong in time starts a new interval")
    mutating func pongInTime() {
        #expect(due(at: 300) == .sendPing)
        heartbeat.pongReceived(at: after(350))
        #expect(due(at: 649) == .wait(until: after(650)))
        #expect(due(at: 650) == .sendPing)
    }

    @Test(
        "silence ends the session at the deadline, even if the ping was up to 100 ms late", arguments: [300, 360, 400])
    mutating func silence(pingSentAt late: Int) {
        #expect(due(at: late) == .sendPing)
        #expect(due(at: 499) == .wait(until: after(500)))
        #expect(due(at: 500) == .close)
    }

    @Test("after a very late ping the client has half of the timeout to answer", arguments: [401, 500, 60_000])
    mutating func late(pingSentAt late: Int) {
        #expect(due(at: late) == .sendPing)
        #expect(due(at: late + 99) == .wait(until: after(late + 100)))
        #expect(due(at: late + 100) == .close)
    }

    @Test("a late pong does not revive the session, and an unsolicited one does not extend it")
    mutating func uselessPongs() {
        heartbeat.pongReceived(at: after(100))
        #expect(due(at: 300) == .sendPing)
        heartbeat.pongReceived(at: after(500))
        #expect(due(at: 501) == .close)
    }

    @Test("while the server does not read, the client gets pings, and the deadline is suspended and then starts anew")
    mutating func suspended() {
        #expect(due(at: 300) == .sendPing)
        heartbeat.suspend()
        #expect(due(at: 599) == .wait(until: after(600)))
        #expect(due(at: 600) == .sendPing)
        #expect(due(at: 601) == .wait(until: after(900)))
        #expect(due(at: 950) == .sendPing)
        heartbeat.resume(at: after(1000), progress: { PeerProgress() })
        #expect(due(at: 1199) == .wait(until: after(1200)))
        #expect(due(at: 1200) == .close)
    }

    @Test("after a pause of the server's process, a pong that it then reads counts, whenever it arrived")
    mutating func absence() {
        #expect(due(at: 300) == .sendPing)
        heartbeat.pongReceived(at: after(4000), checksDeadline: false)
        #expect(due(at: 4000) == .wait(until: after(4300)))
    }

    // MARK: Busy clients

    private func acknowledged(_ bytes: Int, isUnfinished: Bool = true) -> PeerProgress {
        PeerProgress(acknowledged: .init(bytes: bytes), isUnfinished: isUnfinished)
    }

    @Test("during a transfer the deadline moves by one timeout whenever 16 KiB were received or sent")
    mutating func progressMoves() {
        progress = acknowledged(1_000_000)
        #expect(due(at: 300) == .sendPing)
        progress = acknowledged(1_000_000 + 16_384)
        #expect(due(at: 500) == .wait(until: after(700)))
        #expect(due(at: 699) == .wait(until: after(700)))
        progress.sent.bytes = 16_384
        #expect(due(at: 700) == .wait(until: after(900)))
        #expect(due(at: 900) == .close, "no progress in this timeout")
    }

    @Test("the deadline does not move for less than 16 KiB, or without an unfinished transfer")
    mutating func noMove() {
        var other = self
        #expect(due(at: 300) == .sendPing)
        progress = PeerProgress(acknowledged: .init(bytes: 16_383), sent: .init(bytes: 16_383), isUnfinished: true)
        #expect(due(at: 500) == .close)
        #expect(other.due(at: 300) == .sendPing)
        other.progress = acknowledged(1_000_000, isUnfinished: false)
        #expect(other.due(at: 500) == .close)
    }

    @Test("a client that has finished its transfer within the timeout has one more timeout to answer")
    mutating func finished() {
        progress = acknowledged(0)
        #expect(due(at: 300) == .sendPing)
        progress = acknowledged(16_384, isUnfinished: false)
        #expect(due(at: 500) == .wait(until: after(700)))
        progress = acknowledged(1_000_000, isUnfinished: false)
        #expect(due(at: 700) == .close)
    }

    @Test("bytes acknowledged before the ping are not progress")
    mutating func before() {
        progress = acknowledged(1_000_000)
        #expect(due(at: 300) == .sendPing)
        #expect(due(at: 500) == .close)
    }

    @Test("a pong before the moved deadline counts")
    mutating func pongAfterMove() {
        #expect(due(at: 300) == .sendPing)
        progress = acknowledged(16_384)
        #expect(due(at: 500) == .wait(until: after(700)))
        heartbeat.pongReceived(at: after(650))
        #expect(due(at: 700) == .wait(until: after(950)))
    }

    @Test("the progress of a new transfer counts from zero, that of the same transfer from its last value")
    mutating func transfers() {
        progress = PeerProgress(acknowledged: .init(number: 1, bytes: 900_000), isUnfinished: true)
        #expect(due(at: 300) == .sendPing)
        progress = PeerProgress(acknowledged: .init(number: 2, bytes: 16_384), isUnfinished: true)
        #expect(due(at: 500) == .wait(until: after(700)))
        progress = PeerProgress(acknowledged: .init(number: 3, bytes: 16_383), isUnfinished: true)
        #expect(due(at: 700) == .close)
    }

    @Test("progress is evaluated only when a ping or a deadline is due")
    mutating func asksSeldom() {
        var asked = 0
        for time in [100, 299, 300, 301, 400, 499, 500] {
            _ = heartbeat.due(at: after(time)) {
                asked += 1
                return PeerProgress()
            }
        }
        #expect(asked == 2)
    }
}
