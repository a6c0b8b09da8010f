extension EngineSession: WebSocketHandler {
    public func webSocketReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection) {
        guard webSocket === self.webSocket else { return probeReceived(messages, on: webSocket) }
        perform(
            machine.webSocketReceived(
                messages, at: server.loop.now, checksHeartbeat: !server.loop.isCatchingUp))
        noteOtherPackets()
    }

    public func webSocketReceived(otherFrames: Int, on webSocket: WebSocketConnection) {
        if webSocket === self.webSocket {
            handler?.sessionReceived(otherPackets: otherFrames, byteCount: 0)
        } else if webSocket === probe {
            probeFrames = UInt16(clamping: Int(probeFrames) + otherFrames)
            if probeFrames > Self.maxProbeFrames { perform(machine.probeFailed(at: server.loop.now)) }
        }
    }

    /// The most frames without a message that a WebSocket may send while it probes. Its reading is never paused.
    private static let maxProbeFrames = 16

    public func webSocketEnded(_ end: WebSocketEnd, on webSocket: WebSocketConnection) {
        switch end {
        case .messageTooLarge: server.counters.tooLargeMessages += 1
        case .overflow: server.counters.overflows += 1
        case .closedByPeer, .failed, .protocolError, .inputExceeded: break
        }
        guard webSocket === self.webSocket else { return perform(machine.probeFailed(at: server.loop.now)) }
        self.webSocket = nil
        perform(machine.webSocketEnded(end == .closedByPeer ? .transportClose : .transportError))
    }

    public func webSocketDrained(_ webSocket: WebSocketConnection) {
        if webSocket === self.webSocket { handler?.sessionDrained() }
    }

    // MARK: Upgrade

    /// Accepts or closes a WebSocket that asks to become the transport of this session.
    /// - Returns: true if the WebSocket may probe; false if it was closed.
    func admitProbe(_ webSocket: WebSocketConnection) -> Bool {
        guard machine.probeArrived(at: server.loop.now) else {
            webSocket.close(.normal)
            return false
        }
        probe = webSocket
        probeFrames = 0
        // The deadline of the upgrade may be earlier than the running timer.
        restartTimer()
        return true
    }

    private func probeReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection) {
        for (index, message) in messages.enumerated() where webSocket === probe {
            perform(machine.probeReceived(message, at: server.loop.now))
            guard webSocket === self.webSocket else { continue }
            // The upgrade is complete, so messages after the upgrade packet belong to the session.
            let rest = Array(messages[(index + 1)...])
            if !rest.isEmpty { webSocketReceived(rest, on: webSocket) }
            return
        }
    }

    func adoptProbe() {
        guard let webSocket = probe else { return }
        probe = nil
        self.webSocket = webSocket
        transport = .webSocket
        // A session may end during its upgrade and still send its last packets on the WebSocket.
        if handler != nil { server.upgraded() }
        noteInput()
        webSocket.setReading(isReading)
        requests.stopReceiving()
        sendQueue(on: webSocket)
        // From now on the WebSocket reports that it has drained, if its queue was above the low-water mark.
        noteDrained()
        mustReportDrained = false
        handler?.sessionUpgraded()
    }

    func sendQueue(on webSocket: WebSocketConnection?) {
        for frames in machine.takeQueue() { webSocket?.send(frames.bytes) }
    }
}
