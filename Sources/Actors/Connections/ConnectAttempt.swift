import Transport

/// A client's attempt to join a namespace. It is an object, so that a stored ``Handshake`` without one stays small.
final class ConnectAttempt: Sendable {
    let namespace: String
    let loop: EventLoop

    init(namespace: String, on loop: EventLoop) {
        self.namespace = namespace
        self.loop = loop
    }
}

extension Handshake {
    /// The same handshake as part of an attempt.
    func with(_ attempt: ConnectAttempt) -> Handshake {
        var copy = self
        copy.attempt = attempt
        return copy
    }
}
