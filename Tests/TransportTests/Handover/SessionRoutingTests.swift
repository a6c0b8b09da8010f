import TestSupport
import Testing

@testable import Transport

@Suite("Routing of requests among workers that share a port")
struct SessionRoutingTests {
    private var routing = SessionRouting(own: WorkerNumber(5))
    private var random = SplitMix64(seed: 1)

    private mutating func id(on worker: Int) -> SessionRouting.Key {
        .session(SessionID(on: WorkerNumber(worker), using: &random))
    }

    @Test("an id carries the number of its worker, and is an id like any other")
    mutating func numbers() throws {
        for number in [0, 1, 63, 64, 4095, 70_000, 1 << 24 - 1] {
            let id = SessionID(on: WorkerNumber(number), using: &random)
            #expect(id.worker == WorkerNumber(number))
            #expect(try #require(SessionID(id.description)) == id)
            #expect(id.moved(to: WorkerNumber(9)).worker == WorkerNumber(9))
            #expect(id.moved(to: WorkerNumber(9)).description.dropFirst(4) == id.description.dropFirst(4))
        }
        #expect(WorkerNumber(1 << 24 + 3) == WorkerNumber(3), "after 16 777 215 processes, counting starts again")
        let ids = (0..<1000).map { _ in SessionID(on: WorkerNumber(1), using: &random) }
        #expect(Set(ids).count == 1000)
    }

    @Test("a request for a session of another worker goes there, one for a worker that has ended stays")
    mutating func sessions() {
        routing.table = SessionRouting.Table(limit: 10, workers: [2, 5, 6].map { WorkerNumber($0) })
        #expect(routing.destination(of: id(on: 5), isPassedOn: false) == .here)
        #expect(routing.destination(of: id(on: 2), isPassedOn: false) == .worker(WorkerNumber(2)))
        #expect(routing.destination(of: id(on: 3), isPassedOn: false) == .here, "worker 3 has ended")
        #expect(
            routing.destination(of: id(on: 7), isPassedOn: false) == .worker(WorkerNumber(7)),
            "worker 7 is newer than the table")
        #expect(routing.destination(of: .none, isPassedOn: false) == .here)
    }

    @Test("no request is passed on twice")
    mutating func once() {
        routing.isDraining = true
        #expect(routing.destination(of: id(on: 2), isPassedOn: true) == .here)
        #expect(routing.destination(of: .newSession, isPassedOn: true) == .here)
    }

    @Test("a new session stays unless this worker has its share or is about to end")
    mutating func newSessions() {
        routing.table.limit = 2
        #expect(routing.destination(of: .newSession, isPassedOn: false) == .here)
        routing.count(sessions: 2)
        #expect(routing.destination(of: .newSession, isPassedOn: false) == .leastLoaded)
        routing.count(sessions: -1)
        #expect(routing.destination(of: .newSession, isPassedOn: false) == .here)
        routing.isDraining = true
        #expect(routing.destination(of: .newSession, isPassedOn: false) == .leastLoaded)
    }
}
