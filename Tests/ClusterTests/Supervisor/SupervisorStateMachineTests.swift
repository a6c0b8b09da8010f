import Testing

@testable import Cluster

@Suite("Supervisor: decides which processes to start, stop and kill")
struct SupervisorStateMachineTests {
    typealias Action = SupervisorStateMachine.Action

    private var machine = SupervisorStateMachine(slots: 2)
    private let start = ContinuousClock.now

    /// Starts process 1 in slot 0 and process 2 in slot 1.
    private mutating func serve() {
        #expect(machine.start(at: start) == [.spawn(slot: 0, number: 1), .spawn(slot: 1, number: 2)])
        for number in 1...2 { #expect(machine.serving(number, at: start) == []) }
    }

    @Test("a process that dies is replaced after its delay, and others are not affected")
    mutating func replaced() {
        serve()
        let (actions, delay) = machine.ended(2, at: start + .seconds(1))
        #expect(actions.isEmpty && delay == .milliseconds(100))
        #expect(machine.nextDeadline == start + .seconds(1) + .milliseconds(100))
        #expect(machine.due(at: start + .seconds(1)) == [])
        #expect(machine.due(at: start + .milliseconds(1100)) == [.spawn(slot: 1, number: 3)])
    }

    @Test("requests to a slot are refused if it stays empty for a second or longer")
    mutating func refused() {
        serve()
        var now = start
        var number = 1
        var refusals: [Bool] = []
        for _ in 0..<6 {
            let (actions, delay) = machine.ended(number, at: now)
            refusals.append(actions == [.refuse(slot: 0)])
            now += delay ?? .zero
            number = refusals.count + 2
            #expect(machine.due(at: now) == [.spawn(slot: 0, number: number)])
        }
        #expect(refusals == [false, false, false, false, true, true], "delays of 100, 200, 400, 800, 1600 and 3200 ms")
    }

    @Test("each death doubles the delay, up to ten seconds; a stable process resets it")
    mutating func delays() {
        serve()
        var now = start
        var number = 1
        var delays: [Duration] = []
        for _ in 0..<9 {
            guard let delay = machine.ended(number, at: now).delay else { break }
            delays.append(delay)
            now += delay
            number = delays.count + 2
            #expect(machine.due(at: now) == [.spawn(slot: 0, number: number)])
            _ = machine.serving(number, at: now)
        }
        #expect(delays == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map { .milliseconds($0) })
        #expect(machine.ended(number, at: now + .seconds(10)).delay == .milliseconds(100))
    }

    @Test("a process that does not serve in time is killed, and replaced when it has ended")
    mutating func slowStart() {
        _ = machine.start(at: start)
        _ = machine.serving(1, at: start)
        let late = start + SupervisorStateMachine.startTimeout
        #expect(machine.nextDeadline == late)
        #expect(machine.due(at: late) == [.kill(number: 2)])
        #expect(machine.due(at: late + .seconds(60)) == [], "it is killed once")
        #expect(machine.ended(2, at: late).delay == .milliseconds(100))
    }

    @Test("a process that hangs is killed once, even if the hang is reported again")
    mutating func hangs() {
        serve()
        #expect(machine.evict(1, at: start + .seconds(20)) == [.kill(number: 1)])
        #expect(machine.evict(1, at: start + .seconds(20)) == [])
        #expect(machine.ended(1, at: start + .seconds(21)).delay == .milliseconds(100), "it was stable")
    }

    // MARK: Stopping

    @Test("a stop asks every process to exit, kills a late one, and finishes when all have ended")
    mutating func stops() {
        serve()
        #expect(machine.stop(at: start) == [.stop(number: 1), .stop(number: 2)])
        #expect(machine.stop(at: start) == [], "a second stop does nothing")
        #expect(machine.ended(1, at: start + .seconds(1)).actions == [])
        let late = start + SupervisorStateMachine.stopTimeout
        #expect(machine.due(at: late) == [.kill(number: 2)])
        let (actions, delay) = machine.ended(2, at: late)
        #expect(actions == [.finish] && delay == nil)
    }

    @Test("a graceful stop gives the processes the time of the drain")
    mutating func drains() {
        machine = SupervisorStateMachine(slots: 2, drainTime: .seconds(10))
        serve()
        #expect(
            machine.stop(at: start) == [.drain(number: 1, over: .seconds(10)), .drain(number: 2, over: .seconds(10))])
        #expect(machine.nextDeadline == start + .seconds(10) + SupervisorStateMachine.stopTimeout)
        machine = SupervisorStateMachine(slots: 2, drainTime: .seconds(10))
        serve()
        #expect(machine.stop(at: start, isGraceful: false) == [.stop(number: 1), .stop(number: 2)])
    }

    @Test("after a stop no process is started, even if a restart was scheduled")
    mutating func stopsWaiting() {
        serve()
        _ = machine.ended(1, at: start)
        #expect(machine.stop(at: start) == [.stop(number: 2)])
        #expect(machine.due(at: start + .seconds(1)) == [])
        #expect(machine.ended(2, at: start + .seconds(1)).actions == [.finish])
    }

    @Test("a stop without processes finishes at once")
    mutating func stopsWithoutProcesses() {
        serve()
        for number in 1...2 { _ = machine.ended(number, at: start) }
        #expect(machine.stop(at: start) == [.finish])
    }
}
