import Testing

@testable import Transport

@Suite("Heartbeat: ping every 300 ms, pong within 200 ms")
struct HeartbeatTests {
    let start = ContinuousClock.now
    var heartbeat: Heartbeat
    /// How far the client is.
    var progress = PeerProgress()

    init() {
        heartbeat = Heartbeat(interval: .milliseconds(300), timeout: .milliseconds(200), now: start)
    }

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private mutating func due(at time: Int) -> Heartbeat.Action {
        let progress = progress
        return heartbeat.due(at: after(time), progress: { progress })
    }

    @Test("nothing is due before the interval is over")
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

    @Test("silence ends the session at the deadline, however late the ping was sent", arguments: [300, 360, 400])
    mutating func silence(pingSentAt late: Int) {
        #expect(due(at: late) == .sendPing)
        #expect(due(at: 499) == .wait(until: after(500)))
        #expect(due(at: 500) == .close)
    }

    @Test("for a ping that was sent much too late a client has half its time", arguments: [401, 500, 60_000])
    mutating func late(pingSentAt late: Int) {
        #expect(due(at: late) == .sendPing)
        #expect(due(at: late + 99) == .wait(until: after(late + 100)))
        #expect(due(at: late + 100) == .close)
    }

    @Test("a late pong does not revive the session, nor does one that nobody asked for lengthen it")
    mutating func uselessPongs() {
        heartbeat.pongReceived(at: after(100))
        #expect(due(at: 300) == .sendPing)
        heartbeat.pongReceived(at: after(500))
        #expect(due(at: 501) == .close)
    }

    @Test("while the server does not listen, silence proves nothing; afterwards the client has a whole timeout")
    mutating func suspended() {
        #expect(due(at: 300) == .sendPing)
        heartbeat.suspend()
        #expect(due(at: 900) == .wait(until: after(1100)))
        heartbeat.resume(at: after(1000), progress: { PeerProgress() })
        #expect(due(at: 1199) == .wait(until: after(1200)))
        #expect(due(at: 1200) == .close)
    }

    @Test("a pong that was read after the server's own absence counts, whenever it arrived")
    mutating func absence() {
        #expect(due(at: 300) == .sendPing)
        heartbeat.pongReceived(at: after(4000), judgesDeadline: false)
        #expect(due(at: 4000) == .wait(until: after(4300)))
    }

    // MARK: A client that is busy

    private func taken(_ bytes: Int, isUnfinished: Bool = true) -> PeerProgress {
        PeerProgress(taken: .init(bytes: bytes), isUnfinished: isUnfinished)
    }

    @Test("a client in the middle of much has one timeout more for each 16 KiB that it takes or sends in one")
    mutating func progressMoves() {
        progress = taken(1_000_000)
        #expect(due(at: 300) == .sendPing)
        progress = taken(1_000_000 + 16_384)
        #expect(due(at: 500) == .wait(until: after(700)))
        #expect(due(at: 699) == .wait(until: after(700)))
        progress.sent.bytes = 16_384
        #expect(due(at: 700) == .wait(until: after(900)))
        #expect(due(at: 900) == .close, "nothing came of this timeout")
    }

    @Test("less than 16 KiB moves nothing, nor does any number of bytes when nothing waits")
    mutating func noMove() {
        var other = self
        #expect(due(at: 300) == .sendPing)
        progress = PeerProgress(taken: .init(bytes: 16_383), sent: .init(bytes: 16_383), isUnfinished: true)
        #expect(due(at: 500) == .close)
        #expect(other.due(at: 300) == .sendPing)
        other.progress = taken(1_000_000, isUnfinished: false)
        #expect(other.due(at: 500) == .close)
    }

    @Test("who has come to the end of it within the timeout has another one to answer, and no third")
    mutating func finished() {
        progress = taken(0)
        #expect(due(at: 300) == .sendPing)
        progress = taken(16_384, isUnfinished: false)
        #expect(due(at: 500) == .wait(until: after(700)))
        progress = taken(1_000_000, isUnfinished: false)
        #expect(due(at: 700) == .close)
    }

    @Test("what was taken before the ping does not count, nor does what is only queued")
    mutating func before() {
        progress = taken(1_000_000)
        #expect(due(at: 300) == .sendPing)
        #expect(due(at: 500) == .close)
    }

    @Test("a pong in the time that was added counts")
    mutating func pongAfterMove() {
        #expect(due(at: 300) == .sendPing)
        progress = taken(16_384)
        #expect(due(at: 500) == .wait(until: after(700)))
        heartbeat.pongReceived(at: after(650))
        #expect(due(at: 700) == .wait(until: after(950)))
    }

    @Test("a new transfer has progress of its own; one that was there is compared with what it had")
    mutating func transfers() {
        progress = PeerProgress(taken: .init(number: 1, bytes: 900_000), isUnfinished: true)
        #expect(due(at: 300) == .sendPing)
        progress = PeerProgress(taken: .init(number: 2, bytes: 16_384), isUnfinished: true)
        #expect(due(at: 500) == .wait(until: after(700)))
        progress = PeerProgress(taken: .init(number: 3, bytes: 16_383), isUnfinished: true)
        #expect(due(at: 700) == .close)
    }

    @Test("the kernel is asked only when something is due")
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
