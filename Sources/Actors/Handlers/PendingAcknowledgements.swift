import Transport

/// The reason why an expected acknowledgement does not arrive.
public enum AcknowledgementError: Error, Sendable {
    /// The client did not answer within the timeout.
    case timedOut
    /// The client is not connected.
    case disconnected
    /// Client libraries use the event's name for their own events, such as `connect`.
    case reservedEventName(String)
}

extension AcknowledgementError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut: "the client did not acknowledge the event in time"
        case .disconnected: "the client is not connected"
        case .reservedEventName(let name): "the event name \"\(name)\" is reserved"
        }
    }
}

/// The acknowledgements that one socket expects from its client.
struct PendingAcknowledgements {
    private struct Waiter {
        let continuation: CheckedContinuation<Arguments, any Error>
        let timer: LoopBound<EventLoop.TimerToken>
    }

    private var waiters: [UInt64: Waiter] = [:]

    mutating func await(
        _ id: UInt64, _ continuation: CheckedContinuation<Arguments, any Error>, timer: LoopBound<EventLoop.TimerToken>
    ) {
        waiters[id] = Waiter(continuation: continuation, timer: timer)
    }

    /// - Returns: The timer to cancel; nil if no waiter has this id.
    mutating func answer(_ id: UInt64, _ arguments: Arguments) -> LoopBound<EventLoop.TimerToken>? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        waiter.continuation.resume(returning: arguments)
        return waiter.timer
    }

    /// - Returns: The timer to cancel; nil if no waiter has this id.
    @discardableResult
    mutating func fail(_ id: UInt64, _ error: any Error) -> LoopBound<EventLoop.TimerToken>? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        waiter.continuation.resume(throwing: error)
        return waiter.timer
    }

    /// - Returns: The timers to cancel.
    mutating func failAll() -> [LoopBound<EventLoop.TimerToken>] {
        let failed = waiters.sorted { $0.key < $1.key }.map(\.value)
        waiters = [:]
        for waiter in failed { waiter.continuation.resume(throwing: AcknowledgementError.disconnected) }
        return failed.map(\.timer)
    }
}

/// Ends the wait for one acknowledgement at its deadline, or when the loop ends.
final class AcknowledgementTimeout: TimerTarget {
    private let id: UInt64
    private let socket: Socket

    init(id: UInt64, socket: Socket) {
        self.id = id
        self.socket = socket
    }

    func timerFired(at now: ContinuousClock.Instant) {
        socket.assumeIsolated { [id] in $0.acknowledgementFailed(id, AcknowledgementError.timedOut) }
    }

    func loopEnded() {
        socket.assumeIsolated { [id] in $0.acknowledgementFailed(id, AcknowledgementError.disconnected) }
    }
}
