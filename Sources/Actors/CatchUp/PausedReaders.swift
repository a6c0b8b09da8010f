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
        /// The handler that waits for its turn; nil if the socket catches up.
        let handler: CheckedContinuation<Void, Never>?
    }

    private let owner: HistoryRateOwner
    private let followers: MessageFollowers
    var turns = Turns<Reader>()

    init(of owner: HistoryRateOwner, among followers: MessageFollowers) {
        self.owner = owner
        self.followers = followers
    }
}

extension PausedReaders: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        followers.assumeIsolated { [owner] in $0.continueReaders(of: owner) }
    }

    /// Drops the readers, because they retain their sockets.
    func loopEnded() {
        followers.assumeIsolated { [owner] in $0.pausedReaders[owner] = nil }
        while let reader = turns.removeFirst() { reader.handler?.resume() }
    }
}

extension MessageFollowers {
    /// True if a socket may read a page now.
    /// - Parameter isTurn: true if its turn among the readers that wait has come.
    func mayRead(_ socket: Socket, isTurn: Bool = false) -> Bool {
        let (owner, delay) = socket.assumeIsolated { ($0.historyRateOwner, $0.historyDelay) }
        return delay == .zero && (isTurn || pausedReaders[owner]?.turns.isEmpty ?? true)
    }

    /// Suspends a handler until its socket may read a page, or is gone.
    func waitForTurn(_ socket: Socket) async {
        guard !mayRead(socket) else { return }
        await withCheckedContinuation { pause(PausedReaders.Reader(socket: socket, handler: $0)) }
    }

    /// Lets a reader wait for its turn.
    func pause(_ reader: PausedReaders.Reader) {
        counters.historyPauses += 1
        loop.observer?.noted(.historyPaused)
        let socket = reader.socket
        let (owner, delay) = socket.assumeIsolated { ($0.historyRateOwner, $0.historyDelay) }
        pausedOwners[socket.id] = owner
        if let readers = pausedReaders[owner] { return readers.turns.append(reader, of: socket.id) }
        let readers = PausedReaders(of: owner, among: self)
        readers.turns.append(reader, of: socket.id)
        pausedReaders[owner] = readers
        startTimer(of: readers, after: delay)
    }

    private func startTimer(of readers: PausedReaders, after delay: Duration) {
        _ = loop.startTimer(at: loop.now + delay, readers)
    }

    /// Lets the next reader continue, if it is time.
    func continueReaders(of owner: HistoryRateOwner) {
        guard let readers = pausedReaders[owner] else { return }
        while let reader = readers.turns.first() {
            let socket = reader.socket
            let (isTurn, delay, pageTime) = socket.assumeIsolated {
                ($0.isConnected && $0.historyRateOwner == owner, $0.historyDelay, $0.historyTimeOfPage)
            }
            if isTurn, delay > .zero { return startTimer(of: readers, after: delay) }
            _ = readers.turns.removeFirst()
            resume(reader, isTurn: isTurn)
            // The page counts when it has been read. Until then the next reader waits as long as a page takes.
            if isTurn, !readers.turns.isEmpty { return startTimer(of: readers, after: pageTime) }
        }
        pausedReaders[owner] = nil
    }

    private func resume(_ reader: PausedReaders.Reader, isTurn: Bool) {
        if let handler = reader.handler { return handler.resume() }
        reader.socket.assumeIsolated { $0.cursor.catchUp?.resume() }
        advance(reader.socket, isTurn: isTurn)
    }

    /// Lets the readers of a socket that is gone wait no longer.
    func removePaused(_ socket: Socket) {
        guard let owner = pausedOwners.removeValue(forKey: socket.id) else { return }
        var readers = pausedReaders[owner]?.turns.removeAll(of: socket.id) ?? Queue()
        while let reader = readers.removeFirst() { reader.handler?.resume() }
    }
}
