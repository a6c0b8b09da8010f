import Actors
import Persistence
import Transport

/// The hub as an actor: it owns the order, brings groups of messages to the store and the stream to the workers.
public actor Hub {
    /// What an operator is told of.
    public enum Report: Sendable {
        /// A group of messages could not be stored; their senders got no acknowledgement.
        case groupFailed(count: Int, StoreError)
        /// The store must not be written to any more: the process has to end.
        case storeLost(StoreError)
        /// Looking for messages of other programs failed; it is tried again.
        case pollFailed(StoreError)
        /// Several live clients claim the session of this socket from each other; each that comes back now gets a new one.
        case contestedSession(SessionID)
    }

    /// What has happened since the start.
    public struct Counters: Sendable {
        /// Messages stored.
        public var stored = 0
        /// Messages recognised as repeats.
        public var repeats = 0
        /// Messages whose group failed.
        public var failed = 0
        /// Transactions committed.
        public var groups = 0
        /// The time they took together.
        public var commitTime = Duration.zero
        /// The longest of them.
        public var longestCommit = Duration.zero
        /// Messages that wait for the store now.
        public var waiting = 0
        /// Sessions registered now.
        public var sessions = 0
        /// Sessions kept for clients that were lost.
        public var lostSessions = 0
        /// Events remembered for lost clients.
        public var loggedEvents = 0
        /// The position of the last event.
        public var position: UInt64 = 0
        /// The id of the last published message.
        public var lastMessage: Int64 = 0
    }

    /// How often messages of other programs are looked for while nothing is stored.
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
    /// The call of the store that is under way.
    var storing: Task<Void, Never>?
    private var isAnsweringClaims = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: the loop the hub lives on.
    ///   - store: where messages go; without one every message fails.
    ///   - epoch: the name of this start, the same that the store has recorded; nil: a new one.
    ///   - recovery: how long lost sessions are kept; nil: not at all.
    ///   - report: called on the loop with what an operator should know.
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

    /// A name for a start of a hub, short because every offset carries it.
    public static func newEpoch(on loop: EventLoop) -> String {
        String(loop.makeSessionID().description.prefix(8))
    }

    /// What has happened and what waits.
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

    /// Begins to look for messages that other programs write into the store, and for sessions whose time is over.
    public func start() {
        startPollTimer()
    }

    /// Runs `work` on the hub's loop soon.
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
        machine.detach(incarnation, at: loop.now)
        continueStoring()
    }

    /// A worker's process is gone: what it sent completely is handled first.
    func lose(_ incarnation: Incarnation) {
        links[incarnation]?.drain()
        detach(incarnation)
    }

    /// Orders what one worker's turn gathered.
    func receive(_ requests: [HubRequest], from incarnation: Incarnation) {
        observer?.received(requests, from: incarnation, at: loop.now)
        var output = HubStateMachine.Output()
        machine.receive(requests, from: incarnation, at: loop.now, into: &output)
        send(output)
        continueStoring()
        answerClaims()
    }

    /// Draining an owner's link enters ``receive(_:from:)`` again; the claims that come by it are answered here.
    private func answerClaims() {
        guard !isAnsweringClaims else { return }
        isAnsweringClaims = true
        defer { isAnsweringClaims = false }
        while machine.hasClaims {
            let owner = machine.ownerOfNextClaim
            if let owner { links[owner]?.drain() }
            // The claim may have gone with its claimant meanwhile: then another owner's link has to be drained.
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

    /// A link has taken everything, or is over, or time has passed: it may be congested no more.
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

    /// Brings the hub, within this call, what the worker's side of the link has already accepted.
    func drain()

    /// Whether much waits for the worker, and it is taking it.
    var isCongested: Bool { get }
}

extension HubLink {
    var isCongested: Bool { false }
}

/// Is told what the hub decides, in its order, to judge it: simulated servers compare what clients get with it.
package protocol HubObserver: AnyObject, Sendable {
    /// These requests are about to be ordered.
    func received(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant)
    /// The claim that came first is answered.
    func answered(_ answer: ClaimAnswer)
    /// A worker's process is gone, and everything that it sent was received.
    func lost(_ incarnation: Incarnation, at now: ContinuousClock.Instant)
}
