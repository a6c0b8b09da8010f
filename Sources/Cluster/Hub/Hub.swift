import Actors
import Persistence
import Transport

/// The hub's actor. It owns the ``HubStateMachine``, sends the workers their streams, and stores messages in groups.
public actor Hub {
    /// Totals since the start, and the present state.
    public struct Counters: Sendable {
        /// Stored messages.
        public var stored = 0
        /// Messages that were repeats.
        public var repeats = 0
        /// Messages whose group failed.
        public var failed = 0
        /// Committed transactions.
        public var groups = 0
        /// The total duration of these transactions.
        public var commitTime = Duration.zero
        /// The duration of the longest of these transactions.
        public var longestCommit = Duration.zero
        /// Messages that now wait for the store.
        public var waiting = 0
        /// Sessions that are now connected.
        public var sessions = 0
        /// Sessions that are now kept for lost clients.
        public var lostSessions = 0
        /// Events that are now kept for lost clients.
        public var loggedEvents = 0
        /// The position of the last event.
        public var position: UInt64 = 0
        /// The id of the last published message.
        public var lastMessage: Int64 = 0
    }

    /// The time between polls for messages of other programs.
    static let pollInterval = Duration.milliseconds(500)

    nonisolated let loop: EventLoop
    let store: (any MessageStore)?
    let report: @Sendable (Report) -> Void
    private let observer: (any HubObserver)?
    nonisolated let terms: HubTerms
    var machine: HubStateMachine
    private(set) var links: [Incarnation: any HubLink] = [:]
    var counters = Counters()
    var schedule = StoreSchedule()
    /// The running call to the store.
    var storing: Task<Void, Never>?
    private var isAnsweringClaims = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: the loop that the hub runs on.
    ///   - store: the store for messages. Without one every message fails.
    ///   - epoch: the name of this start, as recorded in the store; nil for a new one.
    ///   - recovery: the limits of connection state recovery; nil to keep no lost sessions.
    ///   - report: called on the loop with each event for the operator.
    public init(
        loop: EventLoop, store: (any MessageStore)?, epoch: String? = nil,
        recovery: RecoveryOptions? = nil, report: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        self.init(loop: loop, store: store, epoch: epoch, recovery: recovery, observer: nil, report: report)
    }

    package init(
        loop: EventLoop, store: (any MessageStore)?, epoch: String?, recovery: RecoveryOptions?,
        observer: (any HubObserver)?, report: @escaping @Sendable (Report) -> Void
    ) {
        self.observer = observer
        self.loop = loop
        self.store = store
        self.report = report
        let epoch = epoch ?? Hub.newEpoch(on: loop)
        terms = HubTerms(epoch: epoch, keepsSessions: recovery != nil)
        machine = HubStateMachine(
            epoch: epoch, lastPublished: store?.opening.highestRowID ?? 0,
            highestAssigned: store?.opening.highestAssignedID ?? 0, recovery: recovery, limits: loop.limits)
    }

    /// A random name for a start of a hub. It is short because every offset contains it.
    public static func newEpoch(on loop: EventLoop) -> String {
        String(loop.makeSessionID().description.prefix(8))
    }

    /// The counters and the present state.
    public var status: Counters {
        var status = counters
        status.waiting = machine.storeQueue.count
        status.sessions = machine.sessions.count - machine.lostCount
        status.lostSessions = machine.lostCount
        status.loggedEvents = machine.log?.count ?? 0
        status.position = machine.head
        status.lastMessage = machine.lastPublished
        return status
    }

    /// Starts to poll for messages of other programs and to expire lost sessions.
    public func start() {
        startPollTimer()
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
        observer?.lost(incarnation, at: loop.now)
        var output = HubStateMachine.Output()
        machine.detach(incarnation, at: loop.now, into: &output)
        send(output)
        continueStoring()
    }

    /// Orders the requests that one worker gathered in a loop turn.
    func receive(_ requests: [HubRequest], from incarnation: Incarnation) {
        observer?.received(requests, from: incarnation, at: loop.now)
        var output = HubStateMachine.Output()
        machine.receive(requests, from: incarnation, at: loop.now, into: &output)
        send(output)
        continueStoring()
        answerClaims()
    }

    /// Answers all claims. Draining an owner's link calls ``receive(_:from:)`` again; the outermost call also answers
    /// the claims found that way.
    private func answerClaims() {
        guard !isAnsweringClaims else { return }
        isAnsweringClaims = true
        defer { isAnsweringClaims = false }
        while machine.hasClaims {
            let owner = machine.ownerOfNextClaim
            if let owner { links[owner]?.drain() }
            // Draining may have detached the claimant and dropped its claim. The next claim may have another owner to
            // drain.
            if let next = machine.ownerOfNextClaim, next != owner { continue }
            var output = HubStateMachine.Output()
            let store = store
            machine.answerNextClaim(rowLimit: { store?.rowLimit(ofEpoch: $0) }, into: &output)
            if let observer {
                for case .claimed(_, let answer) in output.events.flatMap(\.events) { observer.answered(answer) }
            }
            send(output)
            if let id = output.contestedSession { report(.contestedSession(id)) }
        }
    }

    /// Continues to store when the system has accepted all output of a link, which is then no longer congested.
    func linkDrained() {
        continueStoring()
    }

    func send(_ output: HubStateMachine.Output) {
        for (incarnation, events) in output.events { links[incarnation]?.send(events) }
    }

    // MARK: Time

    private func startPollTimer() {
        guard !schedule.isClosed else { return }
        _ = loop.startTimer(at: loop.now + Self.pollInterval, self)
    }
}

extension Hub: TimerTarget {
    public nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { hub in
            guard !hub.schedule.isClosed else { return }
            hub.machine.expire(at: now)
            hub.schedule.requestPoll()
            hub.continueStoring()
            hub.startPollTimer()
        }
    }
}

/// The hub's end of a link to one incarnation. Called on the hub's loop.
protocol HubLink: Sendable {
    func send(_ events: [HubEvent])

    /// Handles, within this call, every request that the worker has already written to the link.
    func drain()

    /// True if much output is queued for the worker and the worker still reads.
    var isCongested: Bool { get }
}

extension HubLink {
    var isCongested: Bool { false }
}

/// Observes the hub's decisions in order. A simulation compares what its clients receive with them.
package protocol HubObserver: AnyObject, Sendable {
    /// The hub is about to order these requests.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The hub answered the oldest claim.
    func answered(_ answer: ClaimAnswer)
    /// The hub detaches an incarnation, after it has received everything that the incarnation sent.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)
}
