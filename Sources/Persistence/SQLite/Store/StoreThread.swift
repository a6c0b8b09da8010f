import Glibc
import Synchronization

/// A thread that runs an actor's jobs in order, so that SQLite may block without blocking the event loop.
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

    /// Posted each time the queue becomes non-empty, and by ``stop()``.
    ///
    /// Safe to share: the pointer never changes, POSIX semaphores may be used by any thread, and the semaphore is
    /// destroyed in `deinit`, when neither the thread nor an actor holds this object.
    private nonisolated(unsafe) let wakeUp: UnsafeMutablePointer<sem_t>

    /// Starts the thread with all signals blocked, except those for its own faults, because the event loop handles
    /// signals.
    ///
    /// - Parameter path: the path of the database, for the error.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` if the system cannot start a thread.
    init(path: String) throws(StoreError) {
        wakeUp = .allocate(capacity: 1)
        sem_init(wakeUp, 0, 0)
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        // Signals for faults of this thread must not be blocked: the system would kill the process without calling its
        // handlers.
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
            throw StoreError.cannotOpen(path: path, reason: "cannot start a thread for it: \(systemMessage(code))")
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
            // `sem_wait` fails only with EINTR. The queue may be empty then, which does no harm.
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
