import Transport

/// The messages of a client over its rates. They have arrived with earlier ones and wait until they may be handled;
/// meanwhile the server does not read from the client. Without messages, it stands for a pause after other packets.
final class PacedInput {
    private weak var connection: Connection?
    private var messages = Queue<ClientMessage>()
    /// True if the application's handler is not asked about the next message any more. It is asked once at most,
    /// however often the message tries again.
    private(set) var wasOffered = false
    /// The number by which the connection waits in the queue for the rates of one owner; nil if it does not.
    var ticket: UInt64?
    /// True if the client has sent other packets while the rates that it shares were owed, so that the server does not
    /// read from it before its turn.
    var awaitsTurn = false
    private(set) var timer: EventLoop.TimerToken?

    init(of connection: Connection) {
        self.connection = connection
    }

    var isEmpty: Bool { messages.isEmpty }
    var count: Int { messages.count }

    func append(_ message: ClientMessage) {
        messages.append(message)
    }

    /// The next message, without removing it.
    var first: ClientMessage? { messages.first }

    func noteOffered() {
        wasOffered = true
    }

    func removeFirst() {
        _ = messages.removeFirst()
        wasOffered = false
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
        connection?.assumeIsolated { $0.continuePaced() }
    }
}
