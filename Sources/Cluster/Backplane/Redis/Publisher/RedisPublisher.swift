import Actors
import Transport

/// Publishes at a Redis server for an ``Emitter``. It connects when something is to be published.
actor RedisPublisher: EventPublisher {
    private enum State {
        case disconnected
        /// An attempt to connect, or a pause before the next one.
        case connecting
        case ready
        case closed
    }

    /// The longest pause between two attempts to connect.
    private static let longestPause = Duration.milliseconds(500)
    /// The time between two checks whether the server has become a replica.
    private static let checkInterval = Duration.seconds(1)
    /// The largest message, in bytes.
    private static let maxMessage = 32 << 20

    nonisolated let loop: EventLoop
    private nonisolated let url: RedisURL
    private nonisolated let pubSub: RedisPubSub
    private nonisolated let timeout: Duration
    private nonisolated let ownsLoop: Bool
    private var state = State.disconnected
    private var queue = PublishQueue()
    private var senders: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    private var connection: RedisConnection?
    private var search = ServerSearch<RedisURL.Server>([])
    private var backoff = ReconnectDelay()
    /// Why the last attempt to connect has failed.
    private var failure = "there is no answer"
    /// The command that asks whether the server is a replica, and when the next one is due.
    private var check: UInt64?
    private var nextCheck: ContinuousClock.Instant
    private var timer: EventLoop.TimerToken?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - url: the servers.
    ///   - pubSub: the form of pub/sub.
    ///   - timeout: how long a message waits for the server.
    ///   - loop: the loop to run on.
    ///   - ownsLoop: true to stop the loop at the end.
    init(_ url: RedisURL, _ pubSub: RedisPubSub, timeout: Duration, on loop: EventLoop, ownsLoop: Bool) {
        self.url = url
        self.pubSub = pubSub
        self.timeout = timeout
        self.loop = loop
        self.ownsLoop = ownsLoop
        nextCheck = loop.now
    }

    func publish(_ message: BackplaneMessage) async throws {
        try Task.checkCancellation()
        if case .closed = state { throw EmitterError.closed }
        guard let command = command(for: message) else {
            throw EmitterError.invalidEvent("it has more than \(Self.maxMessage) bytes")
        }
        guard let id = queue.append(command, deadline: loop.now + timeout) else {
            throw EmitterError.tooMuchWaits(limit: PublishQueue.limit)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                senders[id] = continuation
                // If the task was cancelled before this point, the cancellation handler has found no sender.
                if Task.isCancelled { cancel(id) } else { advance() }
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.cancel(id) } }
        }
    }

    /// The command that publishes a message; nil for one that is too large.
    private func command(for message: BackplaneMessage) -> RedisCommand? {
        let emitter = ClusterMessage.emitterID
        if pubSub == .streams {
            guard let content = ClusterMessage.Content(message) else { return nil }
            let fields = ClusterMessage(uid: emitter, namespace: message.namespace, content: content).streamFields()
            guard fields.reduce(0, { $0 + $1.value.count }) <= Self.maxMessage else { return nil }
            return StreamCommands(stream: url.stream, length: url.streamLength, node: emitter)
                .add(fields.flatMap { [Array($0.name.utf8), $0.value] })
        }
        let dialect = pubSub.dialect(of: message.namespace, prefix: url.prefix, uid: emitter, random: 0)
        guard let (channel, payload) = dialect.encode(message, nil), payload.count <= Self.maxMessage else {
            return nil
        }
        return pubSub.publish(payload, in: channel)
    }

    private func cancel(_ id: UInt64) {
        if senders[id] != nil, queue.cancel(id) { end(id, CancellationError()) }
    }

    func close() {
        if case .closed = state { return }
        state = .closed
        connection?.close()
        for id in (queue.connectionEnded() + queue.removeWaiting()).sorted() { end(id, EmitterError.closed) }
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        if ownsLoop { loop.stop() }
    }

    private func end(_ id: UInt64, _ error: (any Error)? = nil) {
        let sender = senders.removeValue(forKey: id)
        if let error { sender?.resume(throwing: error) } else { sender?.resume() }
    }

    // MARK: Sending

    /// Sends what waits, or connects first.
    private func advance() {
        startTimer()
        switch state {
        case .ready: flush()
        case .disconnected: connect()
        case .connecting, .closed: break
        }
    }

    private func flush() {
        guard let connection else { return }
        if check == nil, loop.now >= nextCheck, connection.room > 1, queue.hasWaiting {
            nextCheck = loop.now + Self.checkInterval
            check = connection.send(RedisCommand("ROLE"))
        }
        while connection.room > 1, let entry = queue.next() {
            guard let command = connection.send(entry.command) else { return }
            queue.sent(entry, as: command)
        }
    }

    private func answered(_ command: UInt64, _ result: Result<RESPValue, RedisError>) {
        if command == check {
            check = nil
            // A user may lack the right to the command.
            if (try? result.get())?.isRoleOfReplica == true { ended("the server has become a replica", nil) }
        } else if let id = queue.answered(command) {
            switch result {
            case .success: end(id)
            case .failure(let error):
                let reason = RedisPubSub.reason(of: error)
                end(id, error.isRetryable ? EmitterError.unreachable(reason) : .refused(reason))
            }
        }
        if case .ready = state { flush() }
    }

    // MARK: Connecting

    private func connect() {
        state = .connecting
        search = ServerSearch(url.servers)
        carryOut(search.next())
    }

    private func carryOut(_ step: ServerSearch<RedisURL.Server>.Step) {
        guard case .connecting = state else { return }
        switch step {
        case .connect(let address, _): connect(to: address)
        case .lookUp(let server): loop.startTask { await self.lookUp(server) }
        case .giveUp(let reason): retryLater(reason)
        }
    }

    private func lookUp(_ server: RedisURL.Server) async {
        do {
            search.found(try await url.addresses(behind: server, on: loop))
        } catch {
            search.failed("\(error)")
        }
        carryOut(search.next())
    }

    private func connect(to address: SocketAddress) {
        do throws(SystemError) {
            connection = try RedisConnection(to: address, url.identity, on: loop) { [weak self] event in
                self?.assumeIsolated { $0.handle(event) }
            }
        } catch {
            search.failed("\(error)")
            carryOut(search.next())
        }
    }

    private func retryLater(_ reason: String) {
        failure = reason
        guard queue.hasWaiting else {
            state = .disconnected
            return
        }
        let pause = backoff.next(random: loop.machine.random(), atMost: Self.longestPause)
        loop.startTask {
            await self.loop.pause(for: pause)
            await self.retry()
        }
    }

    private func retry() {
        if case .connecting = state { connect() }
    }

    private func handle(_ event: RedisConnection.Event) {
        switch event {
        case .ended(let reason, let cause): ended(reason, cause)
        case .session(.ready(let server)):
            if let refusal = pubSub.refusal(of: server) { return ended(refusal, nil) }
            state = .ready
            backoff = ReconnectDelay()
            flush()
        case .session(.answered(let number, let result)): answered(number, result)
        case .session: break
        }
    }

    /// The connection cannot be used any more, or never could.
    private func ended(_ reason: String, _ cause: RedisFailure?) {
        connection?.close()
        connection = nil
        check = nil
        for id in queue.connectionEnded() { end(id, EmitterError.outcomeUnknown(reason)) }
        switch state {
        case .ready:
            state = .disconnected
            if queue.hasWaiting { connect() }
        case .connecting:
            search.failed(reason)
            guard case .authentication = cause else { return carryOut(search.next()) }
            // Another attempt would fail in the same way.
            state = .disconnected
            for id in queue.removeWaiting() { end(id, EmitterError.refused(reason)) }
        case .disconnected, .closed: break
        }
    }

    // MARK: Time

    private func startTimer() {
        guard timer == nil, let deadline = queue.deadline else { return }
        timer = loop.startTimer(at: deadline, PublishTimer(of: self))
    }

    fileprivate func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        for message in queue.expire(at: now) {
            end(
                message.id,
                message.wasSent
                    ? EmitterError.outcomeUnknown("there is no answer in time") : EmitterError.unreachable(failure))
        }
        startTimer()
    }
}

/// Ends the waits of senders whose time is up.
private final class PublishTimer: TimerTarget {
    private weak let publisher: RedisPublisher?

    init(of publisher: RedisPublisher) {
        self.publisher = publisher
    }

    func timerFired(at now: ContinuousClock.Instant) {
        publisher?.assumeIsolated { $0.timerFired(at: now) }
    }

    func loopEnded() {
        publisher?.assumeIsolated { $0.close() }
    }
}
