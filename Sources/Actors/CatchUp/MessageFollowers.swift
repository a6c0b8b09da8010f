import Persistence
import Transport

/// The sockets of one worker that follow the stored messages. Each socket reads the messages that its client missed and
/// then joins the live set.
///
/// This actor alone owns the set of live sockets, the set of sockets that are behind, and the queue of page reads.
/// The progress of each socket is in its ``CatchUp``.
actor MessageFollowers {
    struct Counters: Sendable {
        var deliveryBatches = 0
        var slowReaders = 0
        var pages = 0
        /// Times that a reader had to wait for the rate of its client.
        var historyPauses = 0
        /// Messages times the live clients that they were queued for.
        var liveDeliveries = 0
        /// Messages that were queued for clients that catch up.
        var catchUpDeliveries = 0
        /// The ages of messages when they were queued for live clients.
        var deliveryTimes = Histogram()
    }

    nonisolated let loop: EventLoop
    let adapter: any Adapter
    let report: @Sendable (ServerReport) -> Void

    private let livePlain: Room
    private let liveDetailed: Room
    /// The sockets that are not up to date. Their events carry individual offsets.
    private(set) var behind: [SessionID: Socket] = [:]
    /// The sockets that wait for a free slot to read a page, in order.
    var waitingReaders = Queue<(socket: Socket, isTurn: Bool)>()
    var openReads = 0
    /// The readers that wait for the rates of their clients.
    var pausedReaders: [HistoryRateOwner: PausedReaders] = [:]
    /// The rates for which each socket has waited, until the socket is gone.
    var pausedOwners: [SessionID: Set<HistoryRateOwner>] = [:]
    let maxReads: Int
    /// The clients that scroll up.
    private var scrolling: ReadSlots<CheckedContinuation<Void, Never>>
    var counters = Counters()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameter maxReads: The maximum number of concurrent reads for clients that catch up, and of those for clients
    ///   that scroll up.
    init(
        loop: EventLoop, adapter: any Adapter, maxReads: Int, report: @escaping @Sendable (ServerReport) -> Void
    ) {
        self.maxReads = maxReads
        scrolling = ReadSlots(maxReads)
        self.loop = loop
        self.adapter = adapter
        self.report = report
        livePlain = Room(loop: loop)
        liveDetailed = Room(loop: loop)
    }

    /// Waits until a client that scrolls up may read a page. Call ``endScrolling()`` afterwards.
    func beginScrolling(_ socket: SessionID) async {
        await withCheckedContinuation { continuation in
            if scrolling.take(continuation, for: socket) { continuation.resume() }
        }
    }

    /// Called on the loop.
    nonisolated func endScrolling() {
        assumeIsolated { $0.scrolling.release()?.resume() }
    }

    /// The live sockets whose clients receive stored messages in this form.
    func live(_ form: MessageForm) -> Room {
        switch form {
        case .plain: livePlain
        case .detailed: liveDetailed
        }
    }

    // MARK: Membership

    /// Marks a socket as behind, because it starts to follow the messages or reads too slowly to stay live.
    func fallBehind(_ socket: Socket) {
        live(socket.messageProfile.form).remove(socket.id)
        behind[socket.id] = socket
    }

    /// Adds a socket that is up to date to the live set.
    func becomeLive(_ socket: Socket) {
        behind[socket.id] = nil
        live(socket.messageProfile.form).add(socket)
    }

    /// Removes a socket that is gone.
    func remove(_ socket: Socket) {
        behind[socket.id] = nil
        live(socket.messageProfile.form).remove(socket.id)
        removePaused(socket)
    }

    /// Handles the hub's answer to the socket's subscription.
    /// - Parameter highest: The highest id that the store has ever assigned.
    func subscribed(_ socket: Socket, highest: Int64) {
        let isForeign = socket.assumeIsolated { $0.cursor.catchUp?.subscribed(highest: highest) }
        if isForeign == true { report(.foreignOffset(socket.id, address: socket.peer)) }
        socket.assumeIsolated { $0.resumeSubscriptionWaiters() }
        advance(socket)
    }

    // MARK: Live messages

    /// Delivers messages to the live sockets, encoded once for each form with followers.
    /// - Parameters:
    ///   - messages: The messages to deliver.
    ///   - through: Every message up to this id is in `messages` or was delivered before.
    func deliverLive(_ messages: MessageRun, through: Int64) {
        let now = loop.machine.wallClock
        for form in MessageForm.allCases {
            let room = live(form)
            guard !room.isEmpty else { continue }
            counters.deliveryBatches += 1
            let frames = messages.frames(form)
            let (slow, recipients) = room.assumeIsolated { ($0.deliver(frames), $0.count) }
            counters.liveDeliveries += messages.count * recipients
            messages.observeAges(at: now, recipients: recipients, in: &counters.deliveryTimes)
            for socket in slow { becameSlow(socket, last: through) }
        }
    }

    private func becameSlow(_ socket: Socket, last: Int64) {
        counters.slowReaders += 1
        loop.observer?.noted(.becameSlow)
        fallBehind(socket)
        socket.assumeIsolated { $0.cursor.catchUp?.leaveLive(last: last) }
    }
}
