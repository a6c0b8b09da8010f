import Transport

/// Disconnects a socket when its client's identity expires.
final class IdentityExpiry: TimerTarget {
    private weak var socket: Socket?
    private let expires: Duration
    private let loop: EventLoop
    private var timer: EventLoop.TimerToken?
    /// The clock of the calendar may be set, so it is read again at least this often.
    private static let maxWait = Duration.seconds(60)

    init(of socket: Socket, at expires: Duration, on loop: EventLoop) {
        self.socket = socket
        self.expires = expires
        self.loop = loop
        wait()
    }

    private var left: Duration { expires - loop.machine.wallClock }

    private func wait() {
        timer = loop.startTimer(at: loop.now + max(.zero, min(left, Self.maxWait)), self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        if left > .zero { return wait() }
        socket?.assumeIsolated { $0.identityExpired() }
    }

    func cancel() {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
    }
}

extension Socket {
    /// Watches over the end of the client's identity.
    func watchIdentity() {
        guard let expires = identity?.expires else { return }
        identityExpiry = LoopBound(IdentityExpiry(of: self, at: expires, on: worker.loop), to: worker.loop)
    }

    func identityExpired() {
        identityExpiry = nil
        disconnect(because: "expired")
    }

    /// Tells the client why, and disconnects it from the namespace; its session is deleted. The client receives the
    /// event `disconnect reason` with `{"reason": …}` before.
    /// - Parameters:
    ///   - reason: the reason, for the client's program.
    ///   - close: True to disconnect the client from every namespace and close its connection.
    public func disconnect(because reason: String, close: Bool = false) {
        disconnect(telling: ["reason": JSONText(string: reason)], close: close)
    }

    /// Like `disconnect(because:close:)`, with the argument of `disconnect reason`.
    package func disconnect(telling data: JSONText, close: Bool) {
        if phase == .connected {
            let event = encode("disconnect reason", [.json(data)])
            perform(.output(.event(event, isVolatile: false, wantsAnswer: false)))
        }
        disconnect(close: close)
    }
}
