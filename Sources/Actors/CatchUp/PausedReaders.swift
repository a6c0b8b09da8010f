import Transport

/// Whose rate of stored messages counts for a client.
enum HistoryRateOwner: Hashable {
    /// An identity, or an address.
    case shared(PaceOwner)
    /// A connection that shares no rates.
    case connection(ObjectIdentifier)
}

/// The sockets that are over one rate of stored messages (``ServerOptions/historyRate``). They take turns, one page
/// each.
final class PausedReaders {
    private let owner: HistoryRateOwner
    private unowned let followers: MessageFollowers
    private var sockets = Queue<Socket>()

    init(of owner: HistoryRateOwner, among followers: MessageFollowers) {
        self.owner = owner
        self.followers = followers
    }

    var isEmpty: Bool { sockets.isEmpty }

    func append(_ socket: Socket) {
        sockets.append(socket)
    }

    /// Removes and returns the next socket.
    func removeFirst() -> Socket? { sockets.removeFirst() }

    /// The next socket, without removing it.
    var first: Socket? { sockets.first }
}

extension PausedReaders: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        followers.assumeIsolated { [owner] in $0.continueReaders(of: owner) }
    }
}

extension MessageFollowers {
    /// Lets a socket continue with its catch-up when the rate of its client allows.
    func waitForRate(_ socket: Socket) {
        counters.historyPauses += 1
        loop.observer?.noted(.historyPaused)
        let (owner, delay) = socket.assumeIsolated { ($0.historyRateOwner, $0.historyDelay) }
        if let readers = pausedReaders[owner] { return readers.append(socket) }
        let readers = PausedReaders(of: owner, among: self)
        readers.append(socket)
        pausedReaders[owner] = readers
        startTimer(of: readers, after: delay)
    }

    private func startTimer(of readers: PausedReaders, after delay: Duration) {
        _ = loop.startTimer(at: loop.now + delay, readers)
    }

    /// Lets the next socket continue, if it is time.
    func continueReaders(of owner: HistoryRateOwner) {
        guard let readers = pausedReaders[owner] else { return }
        while let socket = readers.first {
            let state = socket.assumeIsolated { ($0.isConnected, $0.historyRateOwner == owner, $0.historyDelay) }
            if case (true, true, let delay) = state, delay > .zero { return startTimer(of: readers, after: delay) }
            _ = readers.removeFirst()
            if state.0 { resume(socket) }
            // The page is counted when it was read, so the next socket waits for as long as a page takes.
            if state.0, !readers.isEmpty {
                let delay = socket.assumeIsolated { max($0.historyDelay, $0.historyTimeOfPage) }
                return startTimer(of: readers, after: delay)
            }
        }
        pausedReaders[owner] = nil
    }

    private func resume(_ socket: Socket) {
        socket.assumeIsolated { $0.cursor.catchUp?.resume() }
        advance(socket)
    }
}
