import Actors
import Transport

/// Publishes at one kind of broker for an ``Emitter``. It connects when something is to be published.
actor BrokerPublisher<Broker: EmitterBroker>: EventPublisher {
    private enum State {
        case disconnected
        /// An attempt to connect, or a pause before the next one.
        case connecting
        case ready
        case closed
    }

    /// The longest pause between two attempts to connect.
    private static var longestPause: Duration { .milliseconds(500) }

    nonisolated let loop: EventLoop
    private nonisolated let broker: Broker
    private nonisolated let timeout: Duration
    private nonisolated let ownsLoop: Bool
    private var state = State.disconnected
    private var queue = PublishQueue<Broker.Connection.Message>()
    private var senders: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    /// The callers of ``connect()``, by number.
    private var connecting: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var lastConnecting = 0
    private var connection: Broker.Connection?
    private var servers = ServerSearch<Broker.Server>([])
    private var backoff = ReconnectDelay()
    /// Why the last attempt to connect has failed.
    private var failure = "there is no answer"
    private var timer: EventLoop.TimerToken?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - broker: the servers, and how to publish there.
    ///   - timeout: how long a message waits for the broker.
    ///   - loop: the loop to run on.
    ///   - ownsLoop: true to stop the loop at the end.
    init(_ broker: Broker, timeout: Duration, on loop: EventLoop, ownsLoop: Bool) {
        self.broker = broker
        self.timeout = timeout
        self.loop = loop
        self.ownsLoop = ownsLoop
    }

    func publish(_ message: BackplaneMessage) async throws {
        try Task.checkCancellation()
        if case .closed = state { throw EmitterError.closed }
        let encoded = try broker.encode(message)
        let id = queue.nextID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // The publisher may have been closed while the task changed executors.
                if case .closed = state { return continuation.resume(throwing: EmitterError.closed) }
                // If the task was cancelled before this point, the cancellation handler has found no sender.
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                guard queue.append(encoded, as: id, deadline: loop.now + timeout) else {
                    let limit = PublishQueue<Broker.Connection.Message>.limit
                    return continuation.resume(throwing: EmitterError.tooMuchWaits(limit: limit))
                }
                senders[id] = continuation
                advance()
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.cancel(id) } }
        }
    }

    func connect() async throws {
        switch state {
        case .ready: return
        case .closed: throw EmitterError.closed
        case .disconnected, .connecting: break
        }
        lastConnecting += 1
        let number = lastConnecting
        loop.startTask {
            await self.loop.pause(for: self.timeout)
            await self.endConnecting(number)
        }
        try await withCheckedThrowingContinuation { continuation in
            connecting[number] = continuation
            if case .disconnected = state { search() }
        }
    }

    private func endConnecting(_ number: Int) {
        connecting.removeValue(forKey: number)?.resume(throwing: EmitterError.unreachable(failure))
    }

    /// Ends the waits for a connection.
    private func endConnecting(_ error: EmitterError? = nil) {
        for (_, continuation) in connecting.sorted(by: { $0.key < $1.key }) {
            if let error { continuation.resume(throwing: error) } else { continuation.resume() }
        }
        connecting = [:]
    }

    private func cancel(_ id: UInt64) {
        if senders[id] != nil, queue.cancel(id) { end(id, CancellationError()) }
    }

    func close() {
        if case .closed = state { return }
        state = .closed
        connection?.close()
        for id in (queue.connectionEnded() + queue.removeWaiting()).sorted() { end(id, EmitterError.closed) }
        endConnecting(.closed)
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
        case .disconnected: search()
        case .connecting, .closed: break
        }
    }

    private func flush() {
        guard let connection else { return }
        while connection.room > 0, let entry = queue.next() {
            guard let command = connection.send(entry.message) else { return }
            queue.sent(entry, as: command)
        }
    }

    // MARK: Connecting

    private func search() {
        state = .connecting
        servers = ServerSearch(broker.servers)
        carryOut(servers.next())
    }

    private func carryOut(_ step: ServerSearch<Broker.Server>.Step) {
        guard case .connecting = state else { return }
        switch step {
        case .connect(let address, let server): connect(to: address, of: server)
        case .lookUp(let server): loop.startTask { await self.lookUp(server) }
        case .giveUp(let reason): retryLater(reason)
        }
    }

    private func lookUp(_ server: Broker.Server) async {
        do {
            servers.found(try await broker.addresses(of: server, on: loop, isolation: self))
        } catch {
            servers.failed("\(error)")
        }
        carryOut(servers.next())
    }

    private func connect(to address: SocketAddress, of server: Broker.Server) {
        do throws(SystemError) {
            connection = try broker.connect(to: address, of: server, on: loop) { [weak self] event in
                self?.assumeIsolated { $0.handle(event) }
            }
        } catch {
            servers.failed("\(error)")
            carryOut(servers.next())
        }
    }

    private func retryLater(_ reason: String) {
        failure = reason
        guard queue.hasWaiting else {
            state = .disconnected
            return endConnecting(.unreachable(reason))
        }
        let pause = backoff.next(random: loop.machine.random(), atMost: Self.longestPause)
        loop.startTask {
            await self.loop.pause(for: pause)
            await self.retry()
        }
    }

    private func retry() {
        if case .connecting = state { search() }
    }

    private func handle(_ event: EmitterConnectionEvent) {
        switch event {
        case .ended(let reason, let isRefusal): ended(reason, isRefusal: isRefusal)
        case .ready:
            state = .ready
            backoff = ReconnectDelay()
            endConnecting()
            flush()
        case .answered(let command, let error):
            if let id = queue.answered(command) { end(id, error) }
            if case .ready = state { flush() }
        }
    }

    /// The connection cannot be used any more, or never could.
    private func ended(_ reason: String, isRefusal: Bool) {
        connection?.close()
        connection = nil
        for id in queue.connectionEnded() { end(id, EmitterError.outcomeUnknown(reason)) }
        switch state {
        case .ready:
            state = .disconnected
            if queue.hasWaiting { search() }
        case .connecting:
            servers.failed(reason)
            guard isRefusal else { return carryOut(servers.next()) }
            // Another attempt would fail in the same way.
            state = .disconnected
            for id in queue.removeWaiting() { end(id, EmitterError.refused(reason)) }
            endConnecting(.refused(reason))
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
private final class PublishTimer<Broker: EmitterBroker>: TimerTarget {
    private weak let publisher: BrokerPublisher<Broker>?

    init(of publisher: BrokerPublisher<Broker>) {
        self.publisher = publisher
    }

    func timerFired(at now: ContinuousClock.Instant) {
        publisher?.assumeIsolated { $0.timerFired(at: now) }
    }

    func loopEnded() {
        publisher?.assumeIsolated { $0.close() }
    }
}
