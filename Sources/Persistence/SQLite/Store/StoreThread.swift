import Glibc
import Synchronization

/// One thread that runs an actor's jobs in order: where SQLite may block without holding up anyone else.
///
/// The thread lives until ``stop()``. It keeps this object alive until then, because the runtime holds executors
/// unowned.
final class StoreThread: StoreExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let queue = Mutex(Queue())
    private let identity = Atomic<UInt>(0)

    /// Posted once for each time the queue turns from empty to not empty.
    ///
    /// Safe to share: the pointer never changes, POSIX semaphores may be used by any thread, and it is destroyed in
    /// `deinit`, when neither the thread nor an actor holds this object.
    private nonisolated(unsafe) let wakeUp: UnsafeMutablePointer<sem_t>

    /// Starts the thread, with all signals blocked: they belong to the event loop.
    ///
    /// - Parameter path: the database that the thread is for, named by the error.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` when the system has no thread left.
    init(path: String) throws(StoreError) {
        wakeUp = .allocate(capacity: 1)
        sem_init(wakeUp, 0, 0)
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        // Those that tell of a thread's own fault cannot wait: blocked, they end the process without its handlers.
        for signal in [SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&blocked, signal) }
        pthread_sigmask(SIG_SETMASK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<StoreThread>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw StoreError.cannotOpen(path: path, reason: "no thread for it: \(systemMessage(code))")
        }
        pthread_detach(thread)
    }

    deinit {
        sem_destroy(wakeUp)
        wakeUp.deallocate()
    }

    func stop() {
        queue.withLock { $0.isStopped = true }
        sem_post(wakeUp)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasEmpty = queue.withLock { queue in
            queue.jobs.append(job)
            return queue.jobs.count == 1
        }
        if wasEmpty { sem_post(wakeUp) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func isIsolatingCurrentContext() -> Bool? {
        pthread_self() == identity.load(ordering: .acquiring)
    }

    func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "called off the store's thread")
    }

    private func run() {
        identity.store(pthread_self(), ordering: .releasing)
        var isStopped = false
        while !isStopped {
            // Fails only with EINTR, and then it is simply early.
            sem_wait(wakeUp)
            var jobs: [UnownedJob] = []
            queue.withLock { queue in
                swap(&jobs, &queue.jobs)
                isStopped = queue.isStopped
            }
            for job in jobs {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }
}
