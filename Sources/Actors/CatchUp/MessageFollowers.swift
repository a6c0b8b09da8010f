import Persistence
import Transport

/// The sockets of one worker that follow the stored messages. Each reads what its client missed, and then joins those that
/// get every message live.
///
/// This is the one owner of that state: which sockets are live, which are behind, and which pages are being read. The place
/// of one socket in the messages is its ``CatchUp``.
actor MessageFollowers {
    struct Counters: Sendable {
        var deliveryBatches = 0
        var slowReaders = 0
        var pages = 0
    }

    nonisolated let loop: EventLoop
    let adapter: any Adapter
    let report: @Sendable (ServerReport) -> Void

    private let livePlain: Room
    private let liveDetailed: Room
    /// The sockets that are not up to date: what they get carries offsets of their own.
    private(set) var behind: [SessionID: Socket] = [:]
    /// The sockets that wait for a page to be read, in order.
    var waitingReaders = Queue<Socket>()
    var openReads = 0
    var counters = Counters()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop, adapter: any Adapter, report: @escaping @Sendable (ServerReport) -> Void) {
        self.loop = loop
        self.adapter = adapter
        self.report = report
        livePlain = Room(loop: loop)
        liveDetailed = Room(loop: loop)
    }

    /// The sockets that get each stored message as it comes, in this form.
    func live(_ form: MessageForm) -> Room {
        switch form {
        case .plain: livePlain
        case .detailed: liveDetailed
        }
    }

    // MARK: Coming and going

    /// The socket begins to follow the messages, or takes too little to be given each as it comes.
    func fallBehind(_ socket: Socket) {
        live(socket.messageProfile.form).remove(socket.id)
        behind[socket.id] = socket
    }

    /// The socket is up to date.
    func becomeLive(_ socket: Socket) {
        behind[socket.id] = nil
        live(socket.messageProfile.form).add(socket)
    }

    /// The socket is gone.
    func remove(_ socket: Socket) {
        behind[socket.id] = nil
        live(socket.messageProfile.form).remove(socket.id)
    }

    /// The hub has answered the socket's subscription.
    func subscribed(_ socket: Socket, highest: Int64) {
        let isForeign = socket.assumeIsolated { $0.cursor.catchUp?.subscribed(highest: highest) }
        if isForeign == true { report(.foreignOffset(socket.id)) }
        socket.assumeIsolated { $0.resumeSubscriptionWaiters() }
        advance(socket)
    }

    // MARK: Live messages

    /// Gives messages to the live sockets, encoded once in each form that any of them gets.
    /// - Parameter through: every message up to this id is in the run or was delivered before.
    func deliverLive(_ messages: MessageRun, through: Int64) {
        for form in MessageForm.allCases {
            let room = live(form)
            guard !room.isEmpty else { continue }
            counters.deliveryBatches += 1
            let frames = messages.frames(form)
            let slow = room.assumeIsolated { $0.deliver(frames) }
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
