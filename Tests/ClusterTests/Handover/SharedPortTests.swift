import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("A shared port: distributes sessions and limits the connections on their way")
struct SharedPortTests {
    private var port = SharedPort()

    private mutating func addWorkers(_ count: Int) {
        for number in 1...count {
            port.add(WorkerNumber(number))
            port.set(WorkerNumber(number), opensSessions: true)
        }
    }

    @Test("a request goes to the worker of its session, also to one that opens no more sessions")
    mutating func toWorker() {
        addWorkers(2)
        port.set(WorkerNumber(2), opensSessions: false)
        #expect(port.route(to: WorkerNumber(2), from: WorkerNumber(1)) == .to(WorkerNumber(2)))
        #expect(port.route(to: WorkerNumber(3), from: WorkerNumber(1)) == .ended)
        port.remove(WorkerNumber(2))
        #expect(port.route(to: WorkerNumber(2), from: WorkerNumber(1)) == .ended)
    }

    @Test("a new session goes to the worker with the fewest sessions, counting those on their way")
    mutating func leastLoaded() {
        addWorkers(3)
        port.set(WorkerNumber(1), sessions: 5)
        port.set(WorkerNumber(2), sessions: 2)
        port.set(WorkerNumber(3), sessions: 4)
        let chosen = (0..<4).map { _ in port.route(to: nil, from: WorkerNumber(1)) }
        #expect(chosen == [2, 2, 2, 3].map { .to(WorkerNumber($0)) })
        port.set(WorkerNumber(2), opensSessions: false)
        port.set(WorkerNumber(3), opensSessions: false)
        #expect(port.route(to: nil, from: WorkerNumber(1)) == .to(WorkerNumber(1)))
        port.set(WorkerNumber(1), opensSessions: false)
        #expect(port.route(to: nil, from: WorkerNumber(1)) == .full, "no worker opens sessions")
    }

    @Test("the connections on their way to a worker are limited")
    mutating func full() {
        addWorkers(2)
        for _ in 0..<SharedPort.maxArriving {
            let route = port.route(to: WorkerNumber(1), from: WorkerNumber(1))
            #expect(route == .to(WorkerNumber(1)))
        }
        #expect(port.route(to: WorkerNumber(1), from: WorkerNumber(1)) == .full)
        #expect(
            port.route(to: nil, from: WorkerNumber(1)) == .to(WorkerNumber(2)),
            "another worker has room for a new session")
        port.arrived(at: WorkerNumber(1), opensSession: false, isTaken: true)
        #expect(port.route(to: WorkerNumber(1), from: WorkerNumber(1)) == .to(WorkerNumber(1)))
        port.cancel(to: WorkerNumber(1), opensSession: false)
        #expect(port.route(to: WorkerNumber(1), from: WorkerNumber(1)) == .to(WorkerNumber(1)))
    }

    @Test("one worker alone has no limit of sessions")
    mutating func alone() {
        addWorkers(1)
        #expect(port.table == SessionRouting.Table(limit: .max, workers: [WorkerNumber(1)]))
        port.add(WorkerNumber(2))
        #expect(port.table.limit == .max, "the second one does not accept connections yet")
        port.set(WorkerNumber(2), opensSessions: true)
        #expect(port.table.limit < 10)
    }

    /// Every worker decides by a table that may be old, and the connections are accepted by a random worker, by one
    /// worker only, or in bursts.
    @Test("sessions spread within 15 % at 1000 sessions, whichever worker accepts them", arguments: 2...8, 0..<3)
    mutating func spread(workers: Int, pattern: Int) {
        var random = SplitMix64(seed: UInt64(workers * 10 + pattern))
        addWorkers(workers)
        var routings = (1...workers).map { SessionRouting(own: WorkerNumber($0)) }
        var accepting = 0
        for session in 0..<1000 {
            switch pattern {
            case 0: accepting = Int.random(in: 0..<workers, using: &random)
            case 1: accepting = 0
            default: if session.isMultiple(of: 16) { accepting = Int.random(in: 0..<workers, using: &random) }
            }
            if session.isMultiple(of: 7) { for index in routings.indices { routings[index].table = port.table } }
            var owner = accepting
            if routings[accepting].destination(of: .newSession, isPassedOn: false) == .leastLoaded {
                guard case .to(let number) = port.route(to: nil, from: WorkerNumber(accepting + 1)) else {
                    Issue.record("no worker has room")
                    return
                }
                owner = Int(number.value) - 1
                port.arrived(at: number, opensSession: true, isTaken: true)
            }
            routings[owner].count(sessions: 1)
            port.set(WorkerNumber(owner + 1), sessions: routings[owner].sessions)
        }
        let share = 1000.0 / Double(workers)
        for routing in routings { #expect(abs(Double(routing.sessions) - share) <= 0.15 * share) }
    }
}
