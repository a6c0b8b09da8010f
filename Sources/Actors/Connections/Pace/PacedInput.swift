import Transport

/// The messages of a client over its rate. They have arrived with earlier ones and wait until they may be handled;
/// meanwhile the server does not read from the client.
final class PacedInput {
    private unowned let connection: Connection
    private var messages = Queue<ClientMessage>()
    private(set) var timer: EventLoop.TimerToken?

    init(of connection: Connection) {
        self.connection = connection
    }

    var isEmpty: Bool { messages.isEmpty }

    func append(_ message: ClientMessage) {
        messages.append(message)
    }

    /// The next message, without removing it.
    var first: ClientMessage? { messages.first }

    func removeFirst() {
        _ = messages.removeFirst()
    }

    func startTimer(after delay: Duration, on loop: EventLoop) {
        if timer == nil { timer = loop.startTimer(at: loop.now + delay, self) }
    }

    func stopTimer(on loop: EventLoop) {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
    }

    func removeAll(on loop: EventLoop) {
        messages = Queue()
        stopTimer(on: loop)
    }
}

extension PacedInput: TimerTarget {
    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        connection.assumeIsolated { $0.continuePaced() }
    }
}
