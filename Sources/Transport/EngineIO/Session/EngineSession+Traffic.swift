extension EngineSession {
    /// The bytes that went over a session.
    package struct Traffic: Sendable, Equatable {
        package var received = 0
        package var sent = 0
    }

    /// What the client has sent and got so far: the payloads of its polling requests, and the bytes of its WebSocket.
    package var traffic: Traffic {
        let polled = transfers.total
        guard let webSocket else { return polled }
        return Traffic(
            received: polled.received + webSocket.receivedBytes, sent: polled.sent + webSocket.queuedBytes)
    }
}
