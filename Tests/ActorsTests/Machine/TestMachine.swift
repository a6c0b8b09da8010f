import SimulatedMachine
import Testing

@testable import Transport

/// The simulated machine of one test: its hub, servers and clients share one clock, one network and one thread.
///
/// The test itself is a process on the machine. The clock advances only when nothing else can run. So a wait of an hour
/// takes no longer than one of a millisecond, and at the end of a wait all consequences of earlier steps have occurred.
///
/// Safety of `@unchecked Sendable`: everything here is used on the thread that runs ``run(_:)``.
final class TestMachine: @unchecked Sendable {
    /// A wait of the test.
    private struct Wait {
        let isOver: () -> Bool
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    @TaskLocal private static var running: TestMachine?

    /// The machine of the running test.
    static var current: TestMachine {
        guard let running else { preconditionFailure("the test does not run on a simulated machine") }
        return running
    }

    let kernel: SimulatedKernel
    private let loop: EventLoop
    private var waits: [Wait] = []
    /// The number of steps since the clock last advanced.
    private var idleSteps = 0
    private var clients: [TestConnection] = []
    /// Actions to run between the turns of processes.
    private var pending: [() -> Void] = []
    /// The kernel's buffer size for connections to a port, in each direction, in bytes.
    private var buffers: [UInt16: Int] = [:]

    private init(seed: UInt64) throws {
        var limits = SimulatedKernel.Limits()
        // Large buffers, as Linux grows them automatically.
        limits.sendBuffer = 2 << 20
        limits.receiveBuffer = 2 << 20
        kernel = SimulatedKernel(seed: seed, limits: limits)
        loop = try kernel.start { _ in }.makeLoop(Limits())
    }

    /// Runs a test to its end.
    /// - Parameter seed: determines the order of concurrent steps.
    static func run(seed: UInt64, _ test: @escaping @Sendable () async throws -> Void) throws {
        let machine = try TestMachine(seed: seed)
        let outcome = Outcome()
        let name = Test.current.map { "the test \($0.id)" } ?? "a test"
        machine.loop.startTask {
            await $running.withValue(machine) {
                do {
                    try await test()
                    outcome.result = .success(())
                } catch {
                    outcome.result = .failure(error)
                }
            }
        }
        while outcome.result == nil {
            // Swift cannot abort a suspended test, so trap.
            precondition(machine.step(), "\(name) waits for something that cannot happen")
            precondition(machine.idleSteps < 1_000_000, "\(name) loops without advancing the clock")
        }
        machine.end()
        try outcome.result?.get()
    }

    /// Safety of `@unchecked Sendable`: used on one thread.
    private final class Outcome: @unchecked Sendable {
        var result: Result<Void, any Error>?
    }

    private func end() {
        for process in kernel.processes { kernel.kill(process.id) }
    }

    // MARK: Steps

    /// Runs the next step, chosen by the seed.
    /// - Returns: false if nothing can happen any more.
    private func step() -> Bool {
        idleSteps += 1
        if !pending.isEmpty {
            pending.removeFirst()()
            return true
        }
        if resumeWaits() { return true }
        let processes = kernel.processes.filter(\.isRunnable)
        let clients = clients.filter(\.isReady)
        let isNetworkBusy = kernel.isNetworkBusy
        let count = processes.count + clients.count + (isNetworkBusy ? 1 : 0)
        guard count > 0 else { return advance() }
        let choice = kernel.choices.below(count)
        if choice < processes.count {
            kernel.run(processes[choice])
            processes[choice].endStoppedLoop { [unowned self] loop in pending.append { loop.drain() } }
        } else if choice < processes.count + clients.count {
            clients[choice - processes.count].move()
        } else {
            kernel.deliverOne()
        }
        return true
    }

    private func resumeWaits() -> Bool {
        let over = waits.filter { $0.isOver() || $0.deadline <= kernel.now }
        guard !over.isEmpty else { return false }
        waits.removeAll { $0.isOver() || $0.deadline <= kernel.now }
        for wait in over { wait.continuation.resume() }
        return true
    }

    /// Advances the clock to the next deadline.
    private func advance() -> Bool {
        let deadlines = kernel.processes.compactMap(\.nextDeadline) + waits.map(\.deadline)
        guard let next = deadlines.min() else { return false }
        kernel.advance(by: max(.zero, next - kernel.now))
        idleSteps = 0
        return true
    }

    // MARK: For tests

    var now: ContinuousClock.Instant { kernel.now }

    /// Waits until a condition holds, for at most `limit`.
    nonisolated(nonsending) func wait(_ limit: Duration, until isOver: @escaping () -> Bool = { false }) async {
        await withCheckedContinuation { continuation in
            waits.append(Wait(isOver: isOver, deadline: now + limit, continuation: continuation))
        }
    }

    /// Starts a task that runs concurrently with the test.
    @discardableResult
    func task<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Task<Value, Never> {
        Task(executorPreference: loop.taskExecutor) { await Self.$running.withValue(self, operation: body) }
    }

    /// Kills a process immediately, like `kill -9`.
    nonisolated(nonsending) func kill(_ process: SimulatedProcess) async {
        var isDone = false
        pending.append { [kernel] in
            kernel.kill(process.id)
            isDone = true
        }
        await wait(.seconds(60)) { isDone }
    }

    /// Sets the kernel's buffer size for connections to a port, in each direction, in bytes.
    func setBuffers(ofPort port: UInt16, to size: Int) {
        buffers[port] = size
    }

    /// - Returns: nil if no process listens on the port.
    func connect(
        _ client: TestConnection, to port: UInt16, from address: String, buffers size: Int?
    ) -> SocketEnd? {
        let end = kernel.connect(
            to: port, from: address, client: limits(size), server: limits(buffers[port]))
        if end != nil { clients.append(client) }
        return end
    }

    private func limits(_ size: Int?) -> SimulatedKernel.Limits {
        var limits = kernel.limits
        if let size { (limits.sendBuffer, limits.receiveBuffer) = (size, size) }
        return limits
    }
}
