import Persistence
import SimulatedMachine
import Testing
import Transport

@testable import Cluster

@Suite("Start patience: retries while an earlier process holds a resource")
struct StartPatienceTests {
    private let kernel = SimulatedKernel(seed: 1)

    /// Runs `work` as the start of a process, until it succeeds or the start gives up.
    /// - Parameter time: the time from the start after which the process is asked to stop.
    private func attempt<Value: Sendable>(
        stoppedAfter time: Duration = .seconds(60),
        _ work: @escaping @Sendable (any Machine) throws -> Value
    ) throws -> Value {
        let loop = try kernel.start { _ in }.makeLoop(Limits())
        let start = Start(on: loop)
        let process = try #require(kernel.processes.last)
        loop.startTask { await start.run(until: time, work) }
        while start.outcome == nil {
            kernel.run(process)
            kernel.advance(by: .milliseconds(5))
        }
        let outcome = try #require(start.outcome)
        kernel.kill(process.id)
        return try #require(try outcome.get() as? Value)
    }

    @Test("a database in use is retried until it is free")
    func database() throws {
        let attempts = Counter()
        let value = try attempt { _ in
            guard attempts.next() == 5 else { throw StoreError.lockedByAnotherWriter(path: "x.lock", process: nil) }
            return "open"
        }
        #expect(value == "open" && kernel.elapsed < .seconds(1))
    }

    @Test("the start gives up after two seconds if a port stays in use")
    func port() throws {
        let other = kernel.start { _ in }
        _ = try ListeningSocket.bind(host: "127.0.0.1", port: 3000, on: other.machine)
        #expect(throws: ListeningSocket.BindError.self) {
            try attempt { try ListeningSocket.bind(host: "127.0.0.1", port: 3000, on: $0).sockets.count }
        }
        #expect(kernel.elapsed >= .seconds(2) && kernel.elapsed < .milliseconds(2100))
    }

    @Test("a process that was asked to stop does not retry")
    func stopped() throws {
        #expect(throws: StoreError.self) {
            try attempt(stoppedAfter: .milliseconds(100)) { _ -> Int in
                throw StoreError.lockedByAnotherWriter(path: "x.lock", process: nil)
            }
        }
        #expect(kernel.elapsed < .milliseconds(150))
    }

    @Test("other failures are not retried")
    func others() throws {
        #expect(throws: StoreError.closed) { try attempt { _ -> Int in throw StoreError.closed } }
        #expect(throws: SocketAddress.ResolutionError.self) {
            try attempt { try ListeningSocket.bind(host: "[none]", port: 3000, on: $0).sockets.count }
        }
        #expect(kernel.elapsed < .milliseconds(20))
    }
}

/// A process that starts.
private actor Start {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// Safety of `nonisolated(unsafe)`: a simulation has one thread.
    private(set) nonisolated(unsafe) var outcome: Result<any Sendable, any Error>?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func run<Value: Sendable>(
        until end: Duration, _ work: (any Machine) throws -> Value
    ) async {
        let patience = StartPatience(on: loop)
        let start = loop.machine.now
        do {
            let value = try await patience.attempt(unless: loop.machine.now - start >= end) {
                try work(loop.machine)
            }
            outcome = .success(value)
        } catch {
            outcome = .failure(error)
        }
    }
}

/// Counts calls.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
private final class Counter: @unchecked Sendable {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
