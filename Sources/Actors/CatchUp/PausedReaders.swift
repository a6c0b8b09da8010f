import Transport

/// Whose rate of the history counts for a client.
enum HistoryRateOwner: Hashable {
    /// An identity, or an address. It has a second rate for what is urgent.
    case shared(PaceOwner, isUrgent: Bool)
    /// A connection that shares no rates.
    case connection(ObjectIdentifier)
}

/// The readers of the history that share a rate (``ServerOptions/historyRate``) and are over it. Their sockets take
/// turns, one page each.
final class PausedReaders {
    /// A socket that waits for a page.
    struct Reader {
        let socket: Socket
        /// The handler that waits for its turn; nil if the socket catches up. It gets false if it must look again.
        let handler: CheckedContinuation<Bool, Never>?
    }

    private let owner: HistoryRateOwner
    private let followers: MessageFollowers
    var turns = Turns<Reader>()
    private var timer: EventLoop.TimerToken?

    init(of owner: HistoryRateOwner, among followers: MessageFollowers) {
        self.owner = owner
        self.followers = followers
    }

    /// Lets the next reader continue after a delay, in place of an earlier call.
    func schedule(after delay: Duration) {
        let loop = followers.loop
        stopTimer()
        timer = loop.startTimer(at: loop.now + delay, self)
    }

    func stopTimer() {
        if let timer { followers.loop.cancelTimer(timer) }
        timer = nil
    }
}

extension PausedReaders: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        followers.assumeIsolated { [owner] in $0.continueReaders(of: owner) }
    }

    /// Drops the readers, because they retain their sockets.
    func loopEnded() {
        timer = nil
        followers.assumeIsolated { [owner] in $0.pausedReaders[owner] = nil }
        while let reader = turns.removeFirst() { reader.handler?.resume(returning: false) }
    }
}

extension MessageFollowers {
    /// True if a socket may read a page now.
    func mayRead(_ socket: Socket) -> Bool {
        let (owner, delay) = socket.assumeIsolated { ($0.historyRateOwner, $0.historyDelay) }
        return delay == .zero && pausedReaders[owner] == nil
    }

    /// Suspends a handler until its socket may read a page, or is gone.
    /// - Returns: true if it has waited for its turn, which is now. Otherwise others may read before it does.
    func waitForTurn(_ socket: Socket) async -> Bool {
        await withCheckedContinuation { continuation in
            guard socket.assumeIsolated({ $0.isConnected }), !mayRead(socket) else {
                return continuation.resume(returning: false)
            }
            pause(PausedReaders.Reader(socket: socket, handler: continuation))
        }
    }

    /// Lets a reader wait for its turn.
    func pause(_ reader: PausedReaders.Reader) {
        counters.historyPauses += 1
        loop.observer?.noted(.historyPaused)
        let socket = reader.socket
        let (owner, delay) = socket.assumeIsolated { ($0.historyRateOwner, $0.historyDelay) }
        pausedOwners[socket.id, default: []].insert(owner)
        if let readers = pausedReaders[owner] { return readers.turns.append(reader, of: socket.id) }
        let readers = PausedReaders(of: owner, among: self)
        readers.turns.append(reader, of: socket.id)
        pausedReaders[owner] = readers
        readers.schedule(after: delay)
    }

    /// Lets the next reader continue, if it is time.
    func continueReaders(of owner: HistoryRateOwner) {
        guard let readers = pausedReaders[owner] else { return }
        while let reader = readers.turns.first {
            let socket = reader.socket
            let (isTurn, delay, pageTime) = socket.assumeIsolated {
                ($0.isConnected && $0.historyRateOwner == owner, $0.historyDelay, $0.historyTimeOfPage)
            }
            if isTurn, delay > .zero { return readers.schedule(after: delay) }
            _ = readers.turns.removeFirst()
            // The next reader continues when this page has been counted, and at the latest after the time of a page.
            if isTurn { readers.schedule(after: pageTime) }
            resume(reader, isTurn: isTurn)
            if isTurn { return }
        }
        readers.stopTimer()
        pausedReaders[owner] = nil
    }

    private func resume(_ reader: PausedReaders.Reader, isTurn: Bool) {
        if let handler = reader.handler { return handler.resume(returning: isTurn) }
        reader.socket.assumeIsolated { $0.cursor.catchUp?.resume() }
        advance(reader.socket, isTurn: isTurn)
    }

    /// Called when a page has been counted: the next reader need not wait for longer than the rate.
    func pageCounted(of owner: HistoryRateOwner) {
        pausedReaders[owner]?.schedule(after: .zero)
    }

    /// Lets the readers of a socket that is gone wait no longer.
    func removePaused(_ socket: Socket) {
        for owner in pausedOwners.removeValue(forKey: socket.id) ?? [] {
            var readers = pausedReaders[owner]?.turns.removeAll(of: socket.id) ?? Queue()
            while let reader = readers.removeFirst() { reader.handler?.resume(returning: false) }
        }
    }
}
