import Glibc
import Synchronization

/// One thread that waits for sockets and timers, and the executor of every actor pinned to it.
///
/// A turn handles the descriptors that are ready, runs the jobs of its actors, fires the timers that are due and then
/// does what the turn has gathered, in the order of ``TurnPhase``: at last one write for each connection. Actors on
/// one loop reach each other without leaving the thread, by `await` or by `assumeIsolated`.
///
/// The methods that touch descriptors, timers and the end of the turn must be called on the loop; they check it.
///
/// Safety of `@unchecked Sendable`: `jobs` and `stopping` are synchronised; everything else is confined
/// to the loop's thread, which every entry point checks with `preconditionIsolated()` in debug and release builds.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    struct Registration {
        var handler: (any EventHandler)?
        var generation: UInt32
        var interest: EventMask
    }

    /// How long a deadline may have passed unnoticed before the loop reads everything that waits first. A stopped
    /// process or a suspended machine must not take its own absence for its peers' silence.
    static let gapLimit = Duration.seconds(1)
    static let tick = Duration.milliseconds(5)

    package let machine: any Machine
    package let limits: Limits
    /// Nobody but a simulation sets one.
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

    /// The time at the start of this turn.
    public private(set) var now: ContinuousClock.Instant
    /// Whether connections write nothing and read nothing; see ``pauseConnections()``.
    var connectionsArePaused = false
    /// The connections that have something to read meanwhile.
    var pausedReaders: [Channel] = []
    /// Until when what clients sent may be unread because connections were paused.
    var unreadUntil: ContinuousClock.Instant?
    /// What is done when the loop has ended.
    private var endings: [() -> Void] = []
    private var isTurnOver = false
    /// Whether turns are taken from outside.
    var isDriven = false
    /// True while the loop reads what arrived during its own absence: no deadline is judged then.
    public private(set) var isCatchingUp = false

    /// - Throws: ``SystemError`` when the process has no descriptor left.
    public convenience init() throws(SystemError) {
        try self.init(machine: LinuxMachine.shared)
    }

    /// - Throws: ``SystemError`` when the process has no descriptor left.
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
    /// - Throws: ``SystemError`` when no descriptor or thread can be had.
    public static func start(name: String) throws(SystemError) -> EventLoop {
        let loop = try EventLoop()
        try Thread.start(name: name) { loop.run() }
        return loop
    }

    // MARK: Running

    /// Runs turns on the calling thread until ``stop()``, then closes what is still open on the loop.
    public func run() {
        jobs.enter()
        while !stopping.load(ordering: .acquiring) {
            turn()
        }
        jobs.end { [weak self] in self?.startDraining() }
        drain()
    }

    /// Runs jobs until none are left, and drops what would wait for a turn that never comes.
    ///
    /// A task that calls an actor of a stopped loop must come back, so its jobs still run, one thread at a time.
    package func drain() {
        jobs.enter()
        while true {
            abandon()
            guard jobs.takeRest(oneByOne: isDriven) else { return }
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
            // Without a thread to spare the caller's has to do.
            drain()
        }
    }

    /// Tells the owners of descriptors and timers that the loop serves them no more. Breaks reference cycles through the loop.
    private func abandon() {
        for index in registrations.indices {
            // Its owner may close it meanwhile, or another.
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
    }

    /// Does `work` once ``run()`` is over, behind what the owners of descriptors and timers do then. Called on the loop.
    public func atEnd(_ work: @escaping () -> Void) {
        checkIsolated()
        endings.append(work)
    }

    /// Whether ``run()`` is over: no descriptor is watched and no timer fires any more.
    public var hasEnded: Bool { jobs.hasEnded }

    /// Ends ``run()`` after the current turn. May be called from any thread.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        poller.wake()
    }

    func turn() {
        let planned = nextDeadline
        poll(until: jobs.isEmpty ? planned : origin)
        if let planned, now > planned + Self.gapLimit {
            readEverything()
        }
        runJobs()
        fireTimers()
        runJobs()
        endTurn()
    }

    /// Waits for descriptors and jobs, and handles what is ready.
    /// - Parameter deadline: nil waits as long as it takes.
    /// - Returns: whether something was.
    @discardableResult
    private func poll(until deadline: ContinuousClock.Instant?) -> Bool {
        let isWoken = poller.wait(until: deadline, into: &ready)
        now = machine.now
        if isWoken { takeInbox() }
        for index in ready.indices {
            let (token, events) = (ready[index].token, ready[index].events)
            let registration = registrations[Int(token & 0xFFFF_FFFF)]
            // Another handler may have closed it in this turn.
            if registration.generation == UInt32(token >> 32) { registration.handler?.ready(for: events) }
            if isTurnOver {
                isTurnOver = false
                endTurn()
            }
        }
        return isWoken || !ready.isEmpty
    }

    private func takeInbox() {
        guard isDriven else { return jobs.takeInbox() }
        jobs.takeOneOfInbox()
        // Before those that descriptors lead to, so that its hops do not mix with theirs either.
        runJobs()
    }

    private func readEverything() {
        isCatchingUp = true
        defer { isCatchingUp = false }
        for _ in 0..<1000 {
            guard poll(until: origin) else { return }
            runJobs()
            // What it leads to is written at once: together it could be more than may wait for a client.
            endTurn()
        }
    }

    private func fireTimers() {
        let tick = UInt64(max(0, (now - origin) / Self.tick))
        for target in timers.advance(to: tick) {
            target.timerFired(at: now)
        }
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

    /// Ends the turn as soon as the event at hand is handled, because much has been gathered.
    public func endTurnSoon() {
        checkIsolated()
        isTurnOver = true
    }
}
