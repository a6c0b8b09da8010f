import Testing

@testable import Transport

@Suite("Timer wheel: never early, never lost")
struct TimerWheelTests {
    @Test("timers fire once, in the first advance that reaches their tick")
    func firesOnce() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.start(at: 5, "five")
        _ = wheel.start(at: 3, "three")
        #expect(wheel.advance(to: 2).isEmpty)
        #expect(wheel.advance(to: 4) == ["three"])
        #expect(wheel.advance(to: 5) == ["five"])
        #expect(wheel.advance(to: 1000).isEmpty && wheel.count == 0)
    }

    @Test("a timer more than a revolution ahead waits for its own revolution")
    func laterRevolution() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.start(at: 200, "late")
        for tick: UInt64 in [8, 72, 136, 199] { #expect(wheel.advance(to: tick).isEmpty) }
        #expect(wheel.advance(to: 200) == ["late"])
    }

    @Test("a deadline that has passed fires at the next advance")
    func past() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.advance(to: 100)
        _ = wheel.start(at: 7, "past")
        #expect(wheel.advance(to: 101) == ["past"])
    }

    @Test("a cancelled timer does not fire, and cancelling it again has no effect")
    func cancel() {
        var wheel = TimerWheel<String>(slotCount: 64)
        let token = wheel.start(at: 5, "gone")
        wheel.cancel(token)
        let other = wheel.start(at: 5, "other")
        wheel.cancel(token)
        #expect(wheel.advance(to: 5) == ["other"])
        wheel.cancel(other)
        #expect(wheel.count == 0)
    }

    @Test("all timers can be removed at once, and their tokens have no effect afterwards")
    func removeAll() {
        var wheel = TimerWheel<String>(slotCount: 64)
        let tokens = [wheel.start(at: 5, "soon"), wheel.start(at: 5, "too"), wheel.start(at: 5000, "late")]
        #expect(wheel.removeAll().sorted() == ["late", "soon", "too"])
        #expect(wheel.count == 0 && wheel.nextTick == nil)
        _ = wheel.start(at: 6, "new")
        for token in tokens { wheel.cancel(token) }
        #expect(wheel.advance(to: 10_000) == ["new"])
    }

    @Test("random operations agree with a simple list", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = WebSocketTestGenerator(seed: seed)
        var wheel = TimerWheel<Int>(slotCount: 64)
        var pending: [(id: Int, deadline: UInt64, token: TimerWheel<Int>.Token)] = []
        var now: UInt64 = 0
        for id in 0..<400 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let deadline = now + UInt64.random(in: 0...300, using: &random)
                pending.append((id, max(deadline, now + 1), wheel.start(at: max(deadline, now + 1), id)))
            case 2 where !pending.isEmpty:
                let place = Int.random(in: 0..<pending.count, using: &random)
                wheel.cancel(pending.remove(at: place).token)
            default:
                if let next = wheel.nextTick, let earliest = pending.map(\.deadline).min() {
                    #expect(next <= earliest, "the owner may sleep until then")
                }
                now += UInt64.random(in: 1...90, using: &random)
                let fired = wheel.advance(to: now)
                #expect(Set(fired) == Set(pending.filter { $0.deadline <= now }.map(\.id)))
                pending.removeAll { $0.deadline <= now }
            }
            #expect(wheel.count == pending.count)
            #expect((wheel.nextTick == nil) == pending.isEmpty)
        }
    }
}
