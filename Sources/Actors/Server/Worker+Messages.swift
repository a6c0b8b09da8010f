import Persistence
import Transport

extension Worker {
    /// How long a page that could not be read is left alone.
    static let retryDelay = Duration.seconds(1)

    /// Gives messages to those who follow live, encoded once in each form that any of them gets.
    func deliver(_ messages: MessageRun, through: Int64) {
        for form in MessageForm.allCases {
            let room = sockets.live(form)
            guard !room.isEmpty else { continue }
            counters.deliveryBatches += 1
            let frames = messages.frames(form)
            fallBehind(room.assumeIsolated { $0.deliver(frames) }, last: through)
        }
    }

    private func fallBehind(_ slow: [Socket], last: Int64) {
        for socket in slow {
            counters.slowReaders += 1
            loop.observer?.noted(.becameSlow)
            sockets.fallBehind(socket)
            socket.assumeIsolated { $0.cursor.catchUp?.leaveLive(last: last) }
        }
    }

    /// The hub has answered a subscription.
    func subscribed(_ id: SessionID, highest: Int64) {
        guard let socket = sockets[id] else { return }
        if let event = socket.namespace.handlers.messageEvent {
            stream.feed.encoding = MessageEncoding(
                event: event, namespace: socket.namespace.name, epoch: keepsSessions ? terms.epoch : nil)
        }
        let isForeign = socket.assumeIsolated { $0.cursor.catchUp?.subscribed(highest: highest) }
        if isForeign == true { report(.foreignOffset(id)) }
        socket.assumeIsolated { $0.resumeSubscriptionWaiters() }
        advance(socket)
    }

    /// Brings a socket's catch-up on, as far as it goes without waiting.
    func advance(_ socket: Socket) {
        while true {
            let applied = stream.feed.applied
            switch socket.assumeIsolated({ $0.nextStep(applied: applied) }) {
            case .wait:
                return
            case .join:
                loop.observer?.noted(.becameLive)
                return sockets.becomeLive(socket)
            case .locate(let count, let through):
                loop.startTask { await self.locateLatest(count, through: through, for: socket) }
                return
            case .read(let after, let through):
                guard let recent = stream.feed.recent(after: after, through: through, limit: loop.limits.page) else {
                    waitingReaders.append(socket)
                    return readPages()
                }
                loop.observer?.noted(.recentGiven)
                deliver(recent, to: socket, after: after)
            }
        }
    }

    /// Finds out where a socket starts that wants the latest messages only.
    private func locateLatest(_ count: Int, through: Int64, for socket: Socket) async {
        do {
            let start = try await adapter.history?.start(ofLatest: count, through: through) ?? through
            located(after: start, for: socket)
        } catch {
            historyFailed(error, for: socket)
        }
    }

    private func located(after start: Int64, for socket: Socket) {
        socket.assumeIsolated { $0.cursor.catchUp?.located(after: start) }
        advance(socket)
    }

    // MARK: Pages

    private func readPages() {
        while openReads < loop.limits.openReads, let socket = waitingReaders.removeFirst() {
            guard let (after, through) = socket.assumeIsolated({ $0.openRead }) else { continue }
            openReads += 1
            loop.startTask { await self.readPage(for: socket, after: after, through: through) }
        }
    }

    private func readPage(for socket: Socket, after: Int64, through: Int64) async {
        do {
            let page = try await adapter.history?.page(
                after: after, through: through,
                limit: PageLimit(messages: loop.limits.pageMessages, bytes: loop.limits.page))
            counters.pages += 1
            openReads -= 1
            if page?.reachesEnd == false { loop.observer?.noted(.pageCut) }
            deliver(page ?? HistoryPage(messages: [], reachesEnd: true), to: socket, after: after)
            advance(socket)
        } catch {
            openReads -= 1
            historyFailed(error, for: socket)
        }
        readPages()
    }

    private func historyFailed(_ error: any Error, for socket: Socket) {
        report(.historyFailed(error))
        _ = loop.startTimer(at: loop.now + Self.retryDelay, HistoryRetry(worker: self, socket: socket))
    }

    private func deliver(_ page: HistoryPage, to socket: Socket, after: Int64) {
        let encoding = stream.feed.encoding
        let applied = stream.appliedPosition
        socket.assumeIsolated { $0.deliver(page, encoding, applied: applied, after: after) }
    }

    func retryHistory(for socket: Socket) {
        socket.assumeIsolated { $0.cursor.catchUp?.readFailed() }
        advance(socket)
    }
}

/// Asks the history again when it gave no answer.
private final class HistoryRetry: TimerTarget {
    private let worker: Worker
    private let socket: Socket

    init(worker: Worker, socket: Socket) {
        self.worker = worker
        self.socket = socket
    }

    func timerFired(at now: ContinuousClock.Instant) {
        worker.assumeIsolated { [socket] in $0.retryHistory(for: socket) }
    }
}
