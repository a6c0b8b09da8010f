import Glibc
import Synchronization

/// The jobs that wait for a loop, in order of arrival: jobs of its actors and tasks, and closures.
///
/// Safety of `@unchecked Sendable`: `inbox` and `threadID` are synchronised. `jobs` and `running` are used only by the
/// thread between ``enter()`` and ``leave()``, of which there is one at a time.
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
        /// Set once the loop runs no more turns. A thread that adds a job calls it, unless another thread is running
        /// jobs already.
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

    /// The loop has no thread after this call.
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

    /// Moves one job from the inbox to the loop. Its follow-up jobs, of which the compiler decides the number, then do
    /// not interleave with those of the next job.
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
