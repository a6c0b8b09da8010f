import Testing

@testable import Cluster

@Suite("Supervisor: decides which processes to start, stop and kill")
struct SupervisorStateMachineTests {
    typealias Action = SupervisorStateMachine.Action

    private var machine = SupervisorStateMachine(slots: 2)
    private let start = ContinuousClock.now

    private mutating func serve() {
        #expect(machine.start(at: start) == [.spawn(slot: 0), .spawn(slot: 1)])
        machine.serving(0, at: start)
        machine.serving(1, at: start)
    }

    @Test("a process that dies is replaced after its delay, and others are not affected")
    mutating func replaced() {
        serve()
        let (actions, delay) = machine.ended(1, at: start + .seconds(1))
        #expect(actions.isEmpty && delay == .milliseconds(100))
        #expect(machine.nextDeadline == start + .seconds(1) + .milliseconds(100))
        #expect(machine.due(at: start + .seconds(1)) == [])
        #expect(machine.due(at: start + .milliseconds(1100)) == [.spawn(slot: 1)])
    }

    @Test("requests to a slot are refused if it stays empty for a second or longer")
    mutating func refused() {
        serve()
        var now = start
        var refusals: [Bool] = []
        for _ in 0..<6 {
            let (actions, delay) = machine.ended(0, at: now)
            refusals.append(actions == [.refuse(slot: 0)])
            now += delay ?? .zero
            _ = machine.due(at: now)
        }
        #expect(refusals == [false, false, false, false, true, true], "delays of 100, 200, 400, 800, 1600 and 3200 ms")
    }

    @Test("each death doubles the delay, up to ten seconds; a stable process resets it")
    mutating func delays() {
        serve()
        var now = start
        var delays: [Duration] = []
        for _ in 0..<9 {
            guard let delay = machine.ended(0, at: now).delay else { break }
            delays.append(delay)
            now += delay
            #expect(machine.due(at: now) == [.spawn(slot: 0)])
            machine.serving(0, at: now)
        }
        #expect(delays == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map { .milliseconds($0) })
        #expect(machine.ended(0, at: now + .seconds(10)).delay == .milliseconds(100))
    }

    @Test("a process that does not serve in time is killed, and replaced when it has ended")
    mutating func slowStart() {
        _ = machine.start(at: start)
        machine.serving(0, at: start)
        let late = start + SupervisorStateMachine.startTimeout
        #expect(machine.nextDeadline == late)
        #expect(machine.due(at: late) == [.kill(slot: 1)])
        #expect(machine.due(at: late + .seconds(60)) == [], "it is killed once")
        #expect(machine.ended(1, at: late).delay == .milliseconds(100))
    }

    @Test("a process that hangs is killed once, even if the hang is reported again")
    mutating func hangs() {
        serve()
        #expect(machine.evict(0, at: start + .seconds(20)) == [.kill(slot: 0)])
        #expect(machine.evict(0, at: start + .seconds(20)) == [])
        #expect(machine.ended(0, at: start + .seconds(21)).delay == .milliseconds(100), "it was stable")
    }

    @Test("a stop asks every process to exit, kills a late one, and finishes when all have ended")
    mutating func stops() {
        serve()
        #expect(machine.stop(at: start) == [.stop(slot: 0), .stop(slot: 1)])
        #expect(machine.stop(at: start) == [], "a second stop does nothing")
        #expect(machine.ended(0, at: start + .seconds(1)).actions == [])
        let late = start + SupervisorStateMachine.stopTimeout
        #expect(machine.due(at: late) == [.kill(slot: 1)])
        let (actions, delay) = machine.ended(1, at: late)
        #expect(actions == [.finish] && delay == nil)
    }

    @Test("after a stop no process is started, even if a restart was scheduled")
    mutating func stopsWaiting() {
        serve()
        _ = machine.ended(0, at: start)
        #expect(machine.stop(at: start) == [.stop(slot: 1)])
        #expect(machine.due(at: start + .seconds(1)) == [])
        #expect(machine.ended(1, at: start + .seconds(1)).actions == [.finish])
    }

    @Test("a stop without processes finishes at once")
    mutating func stopsWithoutProcesses() {
        serve()
        for slot in 0..<2 { _ = machine.ended(slot, at: start) }
        #expect(machine.stop(at: start) == [.finish])
    }
}
