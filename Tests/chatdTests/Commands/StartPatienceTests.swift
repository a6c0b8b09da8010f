import Glibc
import Persistence
import Testing
import Transport

@testable import chatd

@Suite("Start patience: what an earlier process still holds is waited for")
struct StartPatienceTests {
    /// A clock that only sleeping moves.
    private final class Clock {
        let start = ContinuousClock.now
        var now = ContinuousClock.now
        var isOver = false
    }

    private func attempt<Value>(_ clock: Clock, _ work: () throws -> Value) throws -> Value {
        try StartPatience(isOver: { clock.isOver }, now: { clock.now }, sleep: { clock.now += $0 }).attempt(work)
    }

    @Test("a taken database is tried again until it is free")
    func database() throws {
        let clock = Clock()
        var attempts = 0
        let value = try attempt(clock) {
            attempts += 1
            if attempts < 5 { throw StoreError.lockedByAnotherWriter(path: "x.lock", process: nil) }
            return attempts
        }
        #expect(value == 5 && clock.now - clock.start < .seconds(1))
    }

    @Test("a port that stays taken is given up after two seconds")
    func port() throws {
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        defer { for socket in sockets { socket.close() } }
        let clock = Clock()
        #expect(throws: ListeningSocket.BindError.self) {
            try attempt(clock) { try ListeningSocket.bind(host: "127.0.0.1", port: sockets[0].address.port) }
        }
        #expect(clock.now - clock.start >= .seconds(2) && clock.now - clock.start < .milliseconds(2100))
    }

    @Test("who is to stop does not wait")
    func stopped() throws {
        let clock = Clock()
        #expect(throws: StoreError.self) {
            try attempt(clock) {
                clock.isOver = clock.now - clock.start >= .milliseconds(100)
                throw StoreError.lockedByAnotherWriter(path: "x.lock", process: nil)
            }
        }
        #expect(clock.now - clock.start < .milliseconds(150))
    }

    @Test("other failures are final at once")
    func others() throws {
        let clock = Clock()
        #expect(throws: StoreError.closed) { try attempt(clock) { throw StoreError.closed } }
        #expect(throws: ListeningSocket.BindError.self) {
            try attempt(clock) { try ListeningSocket.bind(host: "192.0.2.1", port: 0) }
        }
        #expect(clock.now - clock.start < .milliseconds(500))
    }
}
