import Testing

@testable import Transport

@Suite("Timer wheel: never early, never lost")
struct TimerWheelTests {
    @Test("timers fire once, in the first advance that reaches their tick")
    func firesOnce() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.start(at: 5, "five")
        _ = wheel.start(at: 3, "three")
        #expect(wheel.fire(to: 2).isEmpty)
        #expect(wheel.fire(to: 4) == ["three"])
        #expect(wheel.fire(to: 5) == ["five"])
        #expect(wheel.fire(to: 1000).isEmpty && wheel.count == 0)
    }

    @Test("a timer more than a revolution ahead waits for its own revolution")
    func laterRevolution() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.start(at: 200, "late")
        for tick: UInt64 in [8, 72, 136, 199] { #expect(wheel.fire(to: tick).isEmpty) }
        #expect(wheel.fire(to: 200) == ["late"])
    }

    @Test("a deadline that has passed fires at the next advance")
    func past() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.fire(to: 100)
        _ = wheel.start(at: 7, "past")
        #expect(wheel.fire(to: 101) == ["past"])
    }

    @Test("a cancelled timer does not fire, and cancelling it again has no effect")
    func cancel() {
        var wheel = TimerWheel<String>(slotCount: 64)
        let token = wheel.start(at: 5, "gone")
        wheel.cancel(token)
        let other = wheel.start(at: 5, "other")
        wheel.cancel(token)
        #expect(wheel.fire(to: 5) == ["other"])
        wheel.cancel(other)
        #expect(wheel.count == 0)
    }

    @Test("timers fire in the order of their ticks, and within a tick in the order in which they were started")
    func order() {
        var wheel = TimerWheel<Int>(slotCount: 64)
        for number in 0..<6 { _ = wheel.start(at: number % 2 == 0 ? 9 : 3, number) }
        _ = wheel.start(at: 3 + 64, 6)
        #expect(wheel.fire(to: 10) == [1, 3, 5, 0, 2, 4])
        #expect(wheel.fire(to: 67) == [6])
    }

    @Test("a timer that is due can still be cancelled, wherever it is among the others", arguments: 0..<4)
    func cancelDue(place: Int) {
        var wheel = TimerWheel<Int>(slotCount: 64)
        let tokens = (0..<4).map { wheel.start(at: UInt64(4 + $0 / 2), $0) }
        wheel.advance(to: 5)
        wheel.cancel(tokens[place])
        wheel.cancel(tokens[place])
        #expect(wheel.nextTick == 6, "there is something to do at once")
        #expect(wheel.takeAllDue() == (0..<4).filter { $0 != place })
        #expect(wheel.count == 0 && wheel.nextTick == nil)
    }

    @Test("a timer that is started while others are due waits for the next advance")
    func startedWhileDue() {
        var wheel = TimerWheel<String>(slotCount: 64)
        _ = wheel.start(at: 5, "first")
        wheel.advance(to: 5)
        _ = wheel.start(at: 5, "again")
        #expect(wheel.takeAllDue() == ["first"])
        #expect(wheel.fire(to: 6) == ["again"])
    }

    @Test("all timers can be removed at once, and their tokens have no effect afterwards")
    func removeAll() {
        var wheel = TimerWheel<String>(slotCount: 64)
        let tokens = [wheel.start(at: 5, "soon"), wheel.start(at: 5, "too"), wheel.start(at: 5000, "late")]
        #expect(wheel.removeAll().sorted() == ["late", "soon", "too"])
        #expect(wheel.count == 0 && wheel.nextTick == nil)
        _ = wheel.start(at: 6, "new")
        for token in tokens { wheel.cancel(token) }
        #expect(wheel.fire(to: 10_000) == ["new"])
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
                let step = UInt64.random(in: 1...90, using: &random)
                now += step
                wheel.advance(to: now)
                var due = pending.filter { $0.deadline <= now }.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
                while let fired = wheel.takeDue() {
                    // A step of more than a revolution may change the order.
                    let place = due.firstIndex { $0.id == fired }
                    #expect(place == 0 || step > 64 && place != nil)
                    if let place { due.remove(at: place) }
                    // What fires may cancel others that are due.
                    guard !due.isEmpty, Bool.random(using: &random) else { continue }
                    wheel.cancel(due.remove(at: Int.random(in: 0..<due.count, using: &random)).token)
                }
                #expect(due.isEmpty)
                pending.removeAll { $0.deadline <= now }
            }
            #expect(wheel.count == pending.count)
            #expect((wheel.nextTick == nil) == pending.isEmpty)
        }
    }
}

extension TimerWheel {
    fileprivate mutating func takeAllDue() -> [Target] {
        var targets: [Target] = []
        while let target = takeDue() { targets.append(target) }
        return targets
    }

    fileprivate mutating func fire(to tick: UInt64) -> [Target] {
        advance(to: tick)
        return takeAllDue()
    }
}
