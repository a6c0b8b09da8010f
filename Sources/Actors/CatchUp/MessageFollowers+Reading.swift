import Persistence
import Transport

/// Reads the messages that a client missed, from the recent messages or in pages from the history.
extension MessageFollowers {
    /// The delay before a failed read of the history is repeated.
    static let retryDelay = Duration.seconds(1)

    /// Performs the steps of a socket's catch-up until it has to wait.
    /// - Parameter isTurn: true if it may read a page before others that wait for the same rate.
    func advance(_ socket: Socket, isTurn: Bool = false) {
        let worker = socket.worker
        var isTurn = isTurn
        while true {
            let applied = worker.assumeIsolated { $0.stream.feed.applied }
            let isWithinRate = isTurn || mayRead(socket)
            switch socket.assumeIsolated({ $0.nextStep(applied: applied, isWithinRate: isWithinRate) }) {
            case .wait:
                return
            case .pause:
                return pause(PausedReaders.Reader(socket: socket, handler: nil))
            case .join:
                loop.observer?.noted(.becameLive)
                return becomeLive(socket)
            case .locate(let count, let through):
                loop.startTask { await self.locateLatest(count, through: through, for: socket) }
                return
            case .read(let after, let through):
                let limit = loop.limits.page
                let recent = worker.assumeIsolated {
                    $0.stream.feed.recent(after: after, through: through, limit: limit)
                }
                guard let recent else {
                    waitingReaders.append((socket, isTurn))
                    return readPages()
                }
                isTurn = false
                loop.observer?.noted(.pageFromMemory)
                writePage(recent, to: socket, after: after)
            }
        }
    }

    private func writePage(_ page: HistoryPage, to socket: Socket, after: Int64) {
        counters.catchUpDeliveries += page.messages.count
        let (encoding, applied) = socket.worker.assumeIsolated { ($0.stream.feed.encoding, $0.stream.appliedPosition) }
        socket.assumeIsolated { $0.writePage(page, encoding, applied: applied, after: after) }
    }

    /// Asks the history for the start of a socket that wants the latest messages only.
    private func locateLatest(_ count: Int, through: Int64, for socket: Socket) async {
        do {
            let start = try await adapter.history?.start(ofLatest: count, through: through) ?? through
            located(after: start, for: socket)
        } catch {
            readFailed(error, for: socket)
        }
    }

    private func located(after start: Int64, for socket: Socket) {
        socket.assumeIsolated { socket in
            socket.chargeSearch()
            socket.cursor.catchUp?.located(after: start)
        }
        advance(socket)
    }

    // MARK: Pages

    private func readPages() {
        while openReads < maxReads, let (socket, isTurn) = waitingReaders.removeFirst() {
            guard let (after, through) = socket.assumeIsolated({ $0.openRead }) else { continue }
            // Others that share the rate may have read while this one waited for a free slot.
            guard isTurn || socket.assumeIsolated({ $0.continuesRead() }) else {
                pause(PausedReaders.Reader(socket: socket, handler: nil))
                continue
            }
            openReads += 1
            loop.startTask { await self.readPage(for: socket, after: after, through: through) }
        }
    }

    private func readPage(for socket: Socket, after: Int64, through: Int64) async {
        let limit = PageLimit(messages: loop.limits.pageMessages, bytes: loop.limits.page)
        let deletions = deletionCount(for: socket)
        do {
            let read = try await adapter.history?.page(after: after, through: through, limit: limit)
            counters.pages += 1
            openReads -= 1
            if read?.reachesEnd == false { loop.observer?.noted(.pageTruncated) }
            write(read ?? HistoryPage(messages: [], reachesEnd: true), to: socket, after: after, since: deletions)
            advance(socket)
        } catch {
            openReads -= 1
            readFailed(error, for: socket)
        }
        readPages()
    }

    private func deletionCount(for socket: Socket) -> Int {
        socket.worker.assumeIsolated { $0.stream.feed.deletionCount }
    }

    /// Writes a page without the messages that were deleted while it was read.
    private func write(_ page: HistoryPage, to socket: Socket, after: Int64, since deletions: Int) {
        let kept = socket.worker.assumeIsolated { $0.stream.feed.withoutDeleted(page, since: deletions) }
        if let kept { return writePage(kept, to: socket, after: after) }
        // Read the interval again.
        socket.assumeIsolated { socket in
            socket.chargePage(page.encodedSize)
            socket.cursor.catchUp?.readFailed()
        }
    }

    private func readFailed(_ error: any Error, for socket: Socket) {
        report(.historyFailed(error))
        _ = loop.startTimer(at: loop.now + Self.retryDelay, HistoryRetry(of: socket, among: self))
    }

    fileprivate func retry(_ socket: Socket) {
        socket.assumeIsolated { $0.cursor.catchUp?.readFailed() }
        advance(socket)
    }
}

/// Repeats a failed read of the history.
private final class HistoryRetry: TimerTarget {
    private let socket: Socket
    private let followers: MessageFollowers

    init(of socket: Socket, among followers: MessageFollowers) {
        self.socket = socket
        self.followers = followers
    }

    func timerFired(at now: ContinuousClock.Instant) {
        followers.assumeIsolated { [socket] in $0.retry(socket) }
    }
}
