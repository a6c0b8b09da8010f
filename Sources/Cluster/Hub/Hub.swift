@_spi(Collections) import Actors
import Persistence
import Transport

/// The hub's actor. It owns the `HubStateMachine`, sends the workers their streams, and stores messages in groups.
public actor Hub {
    /// The time between polls for messages of other programs.
    static let pollInterval = Duration.milliseconds(500)
    /// The time between two passes that delete messages.
    static let pruningInterval = Duration.seconds(60)
    /// The time between two looks for namespaces without sockets.
    static let releaseInterval = Duration.seconds(10)
    /// How long a claim may wait for a read of the store.
    static let lookTimeout = Duration.seconds(1)

    nonisolated let loop: EventLoop
    let store: (any MessageStore)?
    let report: @Sendable (Report) -> Void
    let observer: (any HubObserver)?
    nonisolated let terms: HubTerms
    var machine: HubStateMachine
    private(set) var links: [Incarnation: any HubLink] = [:]
    var counters = Counters()
    var schedule = StoreSchedule()
    var storeHealth = StoreHealth()
    /// The running call to the store.
    var storing: Task<Void, Never>?
    /// The id up to which the workers know that all messages are deleted.
    var prunedThrough: Int64 = 0
    /// The time of the next pass that deletes messages; nil for the first one.
    var nextPruning: ContinuousClock.Instant?
    /// True if a message with a time in the future was reported.
    var hasNotedFuture = false
    /// The operator's deletions that have not ended, in the order of the requests.
    var deletionWaiters: [CheckedContinuation<DeletionResult, Never>] = []
    var isAnsweringClaims = false
    var drains = OwnerDrains()
    let backplane: (any Backplane)?
    /// The order of the messages of all hosts; nil without a backplane.
    var gate: BackplaneGate?
    /// What the backplane has delivered and is not handled yet.
    var deliveries = Queue<BackplaneDelivery>()
    var isHandlingDeliveries = false
    /// True if rows that others have published cannot be read, so that messages do not wait for them.
    var rowsAreOverdue = false
    /// True if the broker has been reached.
    var hasConnected = false
    /// Claims are not answered while it is above 0.
    var claimHolds = 0
    /// What the open claims wait for with a backplane, by the numbers of the claims.
    var claimWaits: [UInt64: ClaimWait] = [:]
    /// Rooms that the backplane is to open.
    var roomsToOpen: [BackplaneRoom] = []
    /// When the backplane is told next which namespaces have sockets.
    var nextRelease: ContinuousClock.Instant
    /// Since when the first of them waits for rows, and the number of the latest read that had begun then.
    var awaitedRow: (since: ContinuousClock.Instant, arrival: UInt64)?
    /// The questions to other hosts and from them.
    var questions = HostQuestions()
    /// The questions for sessions that other hosts may have.
    var sessionQuestions: SessionQuestions
    /// The sessions that other hosts take.
    var leaving = LeavingSessions()
    /// True if the workers are asked to end, and no others start.
    var isStopping = false
    /// True if this host asks the others no more, and is to be asked no more.
    var isLeaving = false
    /// True if this host gives no more sessions to others.
    var refusesSessions = false
    /// What a broker keeps of the sessions.
    var kept: KeptSessions
    /// The sessions that this host takes from the broker.
    var takes = SessionTakes()
    /// The claims of sessions of other hosts that wait for a connection to the broker, in order.
    var unconnectedClaims: [ClaimQueue.Entry] = []
    /// The claims of sessions of this host that the broker is asked about, by their numbers.
    var claimChecks = ClaimChecks()
    /// The number of the last command to a broker that keeps sessions, and of the last value.
    var lastCommand: UInt64 = 0
    var isKeepTimerRunning = false
    /// What is published for the other hosts at the end of the present work.
    var hostMessages = HostMessageBatch()
    var isQuestionTimerRunning = false
    /// The entry after which a marker was published, because few places were left; nil before the first one.
    var markedEntry: UInt64?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: the loop that the hub runs on.
    ///   - store: the store for messages. Without one every message fails.
    ///   - epoch: the name of this start, as recorded in the store; nil for a new one.
    ///   - recovery: the limits of connection state recovery; nil to keep no lost sessions.
    ///   - report: called on the loop with each event for the operator. By default the hub writes the events to
    ///     standard error, at most one line of each kind in ten seconds.
    public init(
        loop: EventLoop, store: (any MessageStore)?, epoch: String? = nil,
        recovery: RecoveryOptions? = nil, report: (@Sendable (Report) -> Void)? = nil
    ) {
        let report = report ?? { ReportOutput.write($0.description, kind: $0.kind) }
        self.init(loop: loop, store: store, epoch: epoch, recovery: recovery, observer: nil, report: report)
    }

    package init(
        loop: EventLoop, store: (any MessageStore)?, epoch: String?, recovery: RecoveryOptions?,
        backplane: (any Backplane)? = nil, observer: (any HubObserver)?, report: @escaping @Sendable (Report) -> Void
    ) {
        self.backplane = backplane
        nextRelease = loop.now + Self.releaseInterval
        // The loop's time is that of the turn, in which opening the database may have taken seconds.
        gate = backplane.map { BackplaneGate($0, at: loop.machine.now) }
        self.observer = observer
        self.loop = loop
        self.store = store
        self.report = report
        let epoch = epoch ?? Hub.newEpoch(on: loop)
        sessionQuestions = SessionQuestions(
            of: epoch, patience: max(loop.limits.sessionWait, (backplane?.patience ?? .zero) / 2),
            limit: loop.limits.sessionQuestions, keepsChanges: backplane?.keepsSessions ?? false)
        kept = KeptSessions(of: epoch, interval: (recovery?.maxDisconnectionDuration ?? .zero) / 3)
        terms = HubTerms(
            epoch: epoch, keepsSessions: recovery != nil, sharesPositions: backplane?.keepsMessages ?? false)
        machine = HubStateMachine(
            terms, lastPublished: store?.opening.highestRowID ?? 0,
            highestAssigned: store?.opening.highestAssignedID ?? 0, isStoreShared: store?.isShared ?? false,
            recovery: recovery, limits: loop.limits, numberingStart: loop.makeNumberingStart())
        machine.sessions.notesChanges = recovery != nil && backplane?.keepsSessions ?? false
    }

    /// A random name for a start of a hub. It is short because every offset contains it.
    public static func newEpoch(on loop: EventLoop) -> String {
        String(loop.makeSessionID().description.prefix(8))
    }

    /// Starts to poll for messages of other programs and to expire lost sessions.
    public func start() {
        startPollTimer()
        startBackplane()
        guard let store else { return }
        loop.startTask { [weak self] in
            await store.observe { [weak self] in self?.received($0) }
        }
    }

    /// Handles a notice of the store. Called on any thread.
    private nonisolated func received(_ notice: StoreNotice) {
        run { self.assumeIsolated { $0.noticed(notice) } }
    }

    private func noticed(_ notice: StoreNotice) {
        switch notice {
        case .changed: look()
        case .disconnected, .reconnected:
            report(.storeNotice(notice))
            noteStore { $0.noticed(notice, at: $1) }
        }
    }

    /// Reads messages of other programs, after the call that may be running.
    func look() {
        schedule.requestLook()
        continueStoring()
    }

    /// Runs `work` on the hub's loop, in a later turn.
    nonisolated func run(_ work: @escaping @Sendable () -> Void) {
        loop.execute(work)
    }

    // MARK: Links

    func attach(_ link: any HubLink) -> Incarnation {
        let incarnation = machine.attach()
        links[incarnation] = link
        return incarnation
    }

    func detach(_ incarnation: Incarnation) {
        links[incarnation] = nil
        var output = HubStateMachine.Output()
        carryOut(gate?.detach(incarnation) ?? [])
        observer?.lost(incarnation, at: loop.now)
        machine.detach(incarnation, at: loop.now, into: &output)
        sessionQuestions.removeClaims(of: incarnation)
        takes.removeClaims(of: incarnation)
        claimChecks.remove(of: incarnation)
        unconnectedClaims.removeAll { $0.claimant == incarnation }
        drains.remove(incarnation)
        send(output)
        continueStoring()
        answerClaims()
    }

    /// Orders the requests that one worker gathered in a loop turn.
    func receive(_ requests: [HubRequest], from incarnation: Incarnation) {
        observer?.arrived(requests, from: incarnation, at: loop.now)
        if gate != nil {
            receiveThroughGate(requests, from: incarnation)
        } else {
            order(requests, from: incarnation)
        }
    }

    func order(_ requests: [HubRequest], from incarnation: Incarnation) {
        observer?.received(requests, from: incarnation, at: loop.now)
        var output = HubStateMachine.Output()
        machine.receive(requests, from: incarnation, at: loop.now, into: &output)
        send(output)
        if machine.looks.needsRead { schedule.requestLook() }
        continueStoring()
        answerClaims()
    }

    /// Continues to store when the system has accepted all output of a link, which is then no longer congested.
    func linkDrained() {
        continueStoring()
    }

    func send(_ output: HubStateMachine.Output) {
        for (incarnation, events) in output.events {
            if incarnation == .others { tellOthers(events) } else { links[incarnation]?.send(events) }
        }
    }

    /// Makes sessions that are lost now unable to recover, because events of other hosts may be missing.
    func noteGap() {
        machine.noteGap()
        sessionQuestions.noteGap(at: machine.head)
        observer?.notedGap(at: loop.now)
    }

    // MARK: Time

    private func startPollTimer() {
        guard !schedule.isClosed else { return }
        _ = loop.startTimer(at: loop.now + Self.pollInterval, HubTimer(of: self) { $0.pollTimerFired(at: $1) })
    }

    private func pollTimerFired(at now: ContinuousClock.Instant) {
        guard !schedule.isClosed else { return }
        machine.expire(at: now)
        expireMessages(at: now)
        expireQuestions(at: now)
        expireSessionQuestions(at: now)
        continueClaims()
        keepChanges(at: now)
        releaseNamespaces(at: now)
        handleDeliveries()
        schedule.requestPoll()
        requestPruning(at: now)
        continueStoring()
        answerClaims()
        startPollTimer()
    }
}
