import Persistence
import Transport

/// Runs the jobs of a store on a loop of the test's machine, with the machine's clock.
struct LoopStoreMachine: StoreMachine {
    let loop: EventLoop
    let machine = TestMachine.current

    func makeExecutor(of connection: OpaquePointer, path: String) -> any StoreExecutor { Executor(loop) }

    var now: ContinuousClock.Instant { machine.now }

    func pause(for time: Duration) {
        machine.kernel.advance(by: time)
    }

    private final class Executor: StoreExecutor {
        private let loop: EventLoop

        init(_ loop: EventLoop) {
            self.loop = loop
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            loop.execute { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }

        func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
        func isIsolatingCurrentContext() -> Bool? { loop.isOnLoop }
        func checkIsolated() { loop.checkIsolated() }
        func stop() {}
    }
}
