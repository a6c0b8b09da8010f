import Glibc
import Synchronization

/// The work that waits for a loop: jobs of its actors and tasks, and closures, in the order in which they came.
///
/// Safety of `@unchecked Sendable`: `inbox` and `threadID` are synchronised; `jobs` and `running` are used only by the
/// thread between ``enter()`` and ``leave()``, of which there is one at a time.
final class JobQueue: @unchecked Sendable {
    enum Job {
        /// A piece of an actor's or a task's work.
        case task(UnownedJob)
        case work(@Sendable () -> Void)
    }

    /// What other threads have added.
    private struct Inbox {
        var jobs: [Job] = []
        var isSignalled = false
        /// The loop runs no more turns: whoever adds a job calls this, unless a thread runs jobs already.
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

    /// Makes the calling thread the loop's.
    func enter() {
        threadID.store(UInt(pthread_self()), ordering: .releasing)
    }

    /// The calling thread is the loop's no more.
    func leave() {
        threadID.store(0, ordering: .releasing)
    }

    /// Whether the calling thread is the loop's.
    var isOnLoop: Bool {
        threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Adds a job. May be called by any thread.
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

    /// Whether no job is left of those that ``takeInbox()`` has seen.
    var isEmpty: Bool { jobs.isEmpty }

    /// Takes over what other threads have added.
    func takeInbox() {
        jobs += inbox.withLock { inbox in
            defer { inbox.jobs.removeAll(keepingCapacity: true) }
            inbox.isSignalled = false
            return inbox.jobs
        }
    }

    /// Takes over one of the jobs that others have added, so that its hops, however many the compiler makes, do not mix with
    /// those of another one.
    func takeOneOfInbox() {
        let isLast = inbox.withLock { inbox in
            if !inbox.jobs.isEmpty { jobs.append(inbox.jobs.removeFirst()) }
            inbox.isSignalled = !inbox.jobs.isEmpty
            return inbox.jobs.isEmpty
        }
        if !isLast { poller.wake() }
    }

    /// Runs the jobs that wait now. What they add waits for the next call: a job that adds another must not keep sockets and
    /// timers waiting.
    func run(_ body: (Job) -> Void) {
        guard !jobs.isEmpty else { return }
        swap(&jobs, &running)
        for index in running.indices { body(running[index]) }
        running.removeAll(keepingCapacity: true)
    }

    // MARK: After the last turn

    /// The loop runs no more turns, but the calling thread still runs jobs until ``takeRest()`` finds none.
    /// - Parameter startDraining: called by a thread that adds a job later; has to make a thread run jobs again.
    func end(startDraining: @escaping @Sendable () -> Void) {
        inbox.withLock { inbox in
            inbox.startDraining = startDraining
            inbox.isDraining = true
        }
    }

    var hasEnded: Bool { inbox.withLock { $0.startDraining != nil } }

    /// Takes over what other threads have added.
    /// - Parameter isOneByOne: whether to take one job only.
    /// - Returns: whether there are jobs; if not, the calling thread has left the loop.
    func takeRest(oneByOne isOneByOne: Bool) -> Bool {
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
