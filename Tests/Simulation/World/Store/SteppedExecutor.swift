import Persistence
import SimulatedMachine

/// Runs the jobs of a real store as steps of the world.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SteppedExecutor: StoreExecutor, @unchecked Sendable {
    private unowned let kernel: SimulatedKernel
    private var waiting: [UnownedJob] = []
    private var isRunning = false
    private var hasEnded = false

    init(_ kernel: SimulatedKernel) {
        self.kernel = kernel
    }

    var hasWork: Bool { !waiting.isEmpty }

    /// Runs the oldest job and all jobs that it adds. The number of hops that the compiler generates must not affect a
    /// step.
    func step() {
        guard !waiting.isEmpty else { return }
        let others = waiting.dropFirst()
        waiting = [waiting[0]]
        while !waiting.isEmpty { run(waiting.removeFirst()) }
        waiting = Array(others)
    }

    /// Makes later jobs run immediately.
    func end() {
        hasEnded = true
    }

    /// Runs the jobs that were added before ``end()`` and still wait.
    func finish() {
        while !waiting.isEmpty { run(waiting.removeFirst()) }
    }

    func stop() {}

    func enqueue(_ job: consuming ExecutorJob) {
        kernel.checkThread()
        let job = UnownedJob(job)
        if hasEnded { run(job) } else { waiting.append(job) }
    }

    private func run(_ job: UnownedJob) {
        let wasRunning = isRunning
        isRunning = true
        defer { isRunning = wasRunning }
        job.runSynchronously(on: asUnownedSerialExecutor())
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func isIsolatingCurrentContext() -> Bool? { isRunning }

    func checkIsolated() {
        precondition(isRunning, "called outside a step of the store")
    }
}
