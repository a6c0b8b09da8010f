import Glibc
import Synchronization

/// A thread that waits for sockets and timers, and the serial executor of every actor pinned to it.
///
/// A turn handles the descriptors that are ready, runs the jobs of the loop's actors, fires the timers that are due,
/// and then does the deferred work in the order of ``TurnPhase``. The last phase is one write for each connection.
/// Actors on one loop call each other without leaving the thread, by `await` or by `assumeIsolated`.
///
/// The methods that touch descriptors, timers and the end of the turn must be called on the loop; they check this.
///
/// Safety of `@unchecked Sendable`: `jobs` and `stopping` are synchronized. Everything else is confined to the loop's
/// thread, which every entry point checks with `checkIsolated()` in debug and release builds.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    struct Registration {
        var handler: (any EventHandler)?
        var generation: UInt32
        var interest: EventMask
    }

    /// If a timer is late by more than this, the process was stopped or the machine suspended. The loop then reads all
    /// pending input before it checks deadlines, because the peers may have sent input that the loop could not read.
    static let gapLimit = Duration.seconds(1)
    /// The precision of timers. Deadlines are rounded up to a multiple of it, counted from ``origin``.
    static let tick = Duration.milliseconds(5)

    /// The machine that the loop runs on.
    package let machine: any Machine
    /// The limits for everything on the loop.
    package let limits: Limits
    /// Set by simulations only.
    package var observer: (any LoopObserver)?
    let poller: any Poller
    let jobs: JobQueue
    let taskExecutor: LoopTaskExecutor
    let stopping = Atomic<Bool>(false)
    let origin: ContinuousClock.Instant

    var registrations: [Registration] = []
    var timers = TimerWheel<any TimerTarget>()
    var beforeWrites: [any TurnHandler] = []
    var writes: [any TurnHandler] = []
    private var ready: [Readiness] = []
    let buffers: LoopBuffers

    /// The time at which this turn began.
    public private(set) var now: ContinuousClock.Instant
    /// True while connections neither write nor read; see ``pauseConnections()``.
    var connectionsArePaused = false
    /// The connections that became readable while connections were paused.
    var pausedReaders: [Channel] = []
    /// Until this time, input may still be unread because connections were paused.
    var unreadUntil: ContinuousClock.Instant?
    /// Closures to run when the loop ends.
    private var endings: [() -> Void] = []
    private var isEndOfTurnRequested = false
    /// True if ``driveTurn()`` runs the turns, not ``run()``.
    var isDriven = false
    /// True while the loop reads the input that arrived while the process was stopped. No deadline is checked
    /// meanwhile.
    public private(set) var isCatchingUp = false

    /// Makes a loop on the real machine.
    /// - Throws: ``SystemError`` if the process has no descriptor left.
    public convenience init() throws(SystemError) {
        try self.init(machine: LinuxMachine.shared)
    }

    /// Makes a loop on `machine`.
    /// - Throws: ``SystemError`` if the process has no descriptor left.
    package init(machine: any Machine, limits: Limits = Limits()) throws(SystemError) {
        self.machine = machine
        self.limits = limits
        poller = try machine.makePoller()
        jobs = JobQueue(waking: poller)
        taskExecutor = LoopTaskExecutor(jobs)
        buffers = LoopBuffers(readSize: limits.read)
        origin = machine.now
        now = origin
    }

    /// Starts a loop on a thread of its own.
    /// - Parameter name: the name of the thread; the system shows at most 15 bytes of it.
    /// - Throws: ``SystemError`` if the process has no descriptor or thread left.
    public static func start(name: String) throws(SystemError) -> EventLoop {
        try start(name: name, on: LinuxMachine.shared)
    }

    /// Starts a loop of a machine on a thread of its own.
    package static func start(name: String, on machine: any Machine) throws(SystemError) -> EventLoop {
        let loop = try EventLoop(machine: machine)
        try Thread.start(name: name) { loop.run() }
        return loop
    }

    // MARK: Running

    /// Runs turns on the calling thread until ``stop()``, then closes everything that is still open on the loop.
    public func run() {
        jobs.enter()
        while !stopping.load(ordering: .acquiring) {
            turn()
        }
        jobs.end { [weak self] in self?.startDraining() }
        drain()
    }

    /// Runs jobs after the last turn, until none is left. Work that the last turn deferred is dropped.
    ///
    /// A task that calls an actor of a stopped loop must still get its result, so jobs run even then, on one thread at
    /// a time.
    package func drain() {
        jobs.enter()
        while true {
            notifyOwnersOfEnd()
            guard jobs.takeRemaining(oneByOne: isDriven) else { return }
            now = machine.now
            connectionsArePaused = false
            runJobs()
            endTurn()
        }
    }

    private func startDraining() {
        do {
            try Thread.start(name: "loop-end") { self.drain() }
        } catch {
            // No thread is available, so run the jobs on the caller's thread.
            drain()
        }
    }

    /// Notifies the owners of descriptors and timers that the loop has ended, and breaks reference cycles through the
    /// loop.
    private func notifyOwnersOfEnd() {
        for index in registrations.indices {
            // The call may close this descriptor or others.
            registrations[index].handler?.loopEnded()
            registrations[index].handler = nil
        }
        for target in timers.removeAll() { target.loopEnded() }
        beforeWrites = []
        writes = []
        pausedReaders = []
        let ended = endings
        endings = []
        for end in ended { end() }
        // What has ended may have started timers.
        while timers.nextTick != nil {
            for target in timers.removeAll() { target.loopEnded() }
        }
    }

    /// Runs `work` when ``run()`` ends, after the owners of descriptors and timers have been notified. Called on the
    /// loop.
    public func atEnd(_ work: @escaping () -> Void) {
        checkIsolated()
        endings.append(work)
    }

    /// True if ``run()`` has ended: no descriptor is watched and no timer will fire.
    public var hasEnded: Bool { jobs.hasEnded }

    /// Ends ``run()`` after the current turn. Any thread may call it.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        poller.wake()
    }

    func turn() {
        let planned = nextDeadline
        // `origin` has passed, so with jobs to run the poll does not wait.
        poll(until: jobs.isEmpty ? planned : origin)
        if let planned, now > planned + Self.gapLimit {
            readEverything()
        }
        runJobs()
        fireTimers()
        runJobs()
        endTurn()
    }

    /// Waits for descriptors and jobs, and handles the descriptors that are ready.
    /// - Parameter deadline: the time at which to return at the latest; nil waits without a limit.
    /// - Returns: true if a descriptor was ready or the loop was woken.
    @discardableResult
    private func poll(until deadline: ContinuousClock.Instant?) -> Bool {
        let isWoken = poller.wait(until: deadline, into: &ready)
        now = machine.now
        if isWoken { takeInbox() }
        for index in ready.indices {
            let (token, events) = (ready[index].token, ready[index].events)
            let registration = registrations[Int(token & 0xFFFF_FFFF)]
            // An earlier handler of this turn may have closed the descriptor.
            if registration.generation == UInt32(token >> 32) { registration.handler?.ready(for: events) }
            if isEndOfTurnRequested {
                isEndOfTurnRequested = false
                endTurn()
            }
        }
        return isWoken || !ready.isEmpty
    }

    private func takeInbox() {
        guard isDriven else { return jobs.takeInbox() }
        jobs.takeOneFromInbox()
        // Run this job before the jobs that descriptors cause, so that the follow-up jobs of both do not interleave.
        runJobs()
    }

    private func readEverything() {
        isCatchingUp = true
        defer { isCatchingUp = false }
        for _ in 0..<1000 {
            guard poll(until: origin) else { return }
            runJobs()
            // Write the resulting output in each round: the output of all rounds together could exceed a client's limit
            // of pending bytes.
            endTurn()
        }
    }

    private func fireTimers() {
        let tick = UInt64(max(0, (now - origin) / Self.tick))
        timers.advance(to: tick)
        // A timer that fires may cancel others that are due.
        while let target = timers.takeDue() { target.timerFired(at: now) }
    }

    func endTurn() {
        while !beforeWrites.isEmpty || !writes.isEmpty {
            while !beforeWrites.isEmpty {
                let gathered = beforeWrites
                beforeWrites.removeAll(keepingCapacity: true)
                for handler in gathered { handler.turnEnded() }
            }
            guard !connectionsArePaused else { return }
            let gathered = writes
            writes.removeAll(keepingCapacity: true)
            for handler in gathered { handler.turnEnded() }
        }
    }

    /// Does the work at the end of a turn as soon as the current event is handled. Called when that work cannot wait,
    /// for example because much of it has accumulated.
    public func endTurnSoon() {
        checkIsolated()
        isEndOfTurnRequested = true
    }
}
