import Glibc
import Synchronization

/// The jobs that wait for a loop, in order of arrival: jobs of its actors and tasks, and closures.
///
/// Safety of `@unchecked Sendable`: `inbox` and `threadID` are synchronized. `jobs` and `running` are used only by the
/// loop's thread, which is the one that last called ``enter()``.
final class JobQueue: @unchecked Sendable {
    enum Job {
        /// A job of an actor or a task.
        case task(UnownedJob)
        case work(@Sendable () -> Void)
    }

    /// Jobs added by other threads.
    private struct Inbox {
        var jobs: [Job] = []
        var isSignalled = false
        /// Set after the loop's last turn. A thread that adds a job then calls this closure, unless another thread is
        /// already running jobs.
        var startDraining: (@Sendable () -> Void)?
        var isDraining = false
    }

    private let poller: any Poller
    private let inbox = Mutex(Inbox())
    private let threadID = Atomic<UInt>(0)
    private var jobs: [Job] = []
    private var running: [Job] = []

    init(waking poller: any Poller) {
        self.poller = poller
    }

    /// Makes the calling thread the loop's thread.
    func enter() {
        threadID.store(UInt(pthread_self()), ordering: .releasing)
    }

    /// Detaches the calling thread. The loop has no thread until the next ``enter()``.
    func leave() {
        threadID.store(0, ordering: .releasing)
    }

    /// True if the calling thread is the loop's thread.
    var isOnLoop: Bool {
        threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Adds a job. Any thread may call it.
    func add(_ job: Job) {
        if isOnLoop {
            jobs.append(job)
            return
        }
        let (mustWake, startDraining) = inbox.withLock { inbox in
            inbox.jobs.append(job)
            if let startDraining = inbox.startDraining {
                defer { inbox.isDraining = true }
                return (false, inbox.isDraining ? nil : startDraining)
            }
            defer { inbox.isSignalled = true }
            return (!inbox.isSignalled, nil)
        }
        if mustWake { poller.wake() }
        startDraining?()
    }

    // MARK: On the loop's thread

    /// True if no job is queued on the loop's side. Jobs in the inbox do not count.
    var isEmpty: Bool { jobs.isEmpty }

    /// Moves all jobs from the inbox to the loop.
    func takeInbox() {
        jobs += inbox.withLock { inbox in
            defer { inbox.jobs.removeAll(keepingCapacity: true) }
            inbox.isSignalled = false
            return inbox.jobs
        }
    }

    /// Moves one job from the inbox to the loop. The next one stays there until the follow-up jobs of this one have
    /// run. Otherwise their order would depend on the number of follow-up jobs, which differs between builds.
    func takeOneFromInbox() {
        let isLast = inbox.withLock { inbox in
            if !inbox.jobs.isEmpty { jobs.append(inbox.jobs.removeFirst()) }
            inbox.isSignalled = !inbox.jobs.isEmpty
            return inbox.jobs.isEmpty
        }
        if !isLast { poller.wake() }
    }

    /// Runs the queued jobs. Jobs that they add wait for the next call, so that sockets and timers are served in
    /// between.
    func run(_ body: (Job) -> Void) {
        guard !jobs.isEmpty else { return }
        swap(&jobs, &running)
        for index in running.indices { body(running[index]) }
        running.removeAll(keepingCapacity: true)
    }

    // MARK: After the last turn

    /// Marks the loop as ended. The calling thread runs jobs until ``takeRemaining(oneByOne:)`` returns false.
    /// - Parameter startDraining: called by a thread that adds a job later; it must make some thread run jobs again.
    func end(startDraining: @escaping @Sendable () -> Void) {
        inbox.withLock { inbox in
            inbox.startDraining = startDraining
            inbox.isDraining = true
        }
    }

    var hasEnded: Bool { inbox.withLock { $0.startDraining != nil } }

    /// Moves jobs from the inbox to the loop.
    /// - Parameter isOneByOne: true to move one job only.
    /// - Returns: true if there are jobs to run. If false, the calling thread has left the loop.
    func takeRemaining(oneByOne isOneByOne: Bool) -> Bool {
        inbox.withLock { inbox in
            if isOneByOne, !inbox.jobs.isEmpty {
                jobs.append(inbox.jobs.removeFirst())
            } else {
                jobs += inbox.jobs
                inbox.jobs = []
            }
            guard jobs.isEmpty else { return true }
            leave()
            inbox.isDraining = false
            return false
        }
    }
}

/// Keeps tasks on the loop while they run outside of actors. Without it, resumed continuations and nonisolated
/// functions would run on another thread.
///
/// A separate object, because the runtime is slow if one object is both a task executor and the executor of an actor.
final class LoopTaskExecutor: TaskExecutor {
    private let jobs: JobQueue

    init(_ jobs: JobQueue) {
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(.task(UnownedJob(job)))
    }
}
