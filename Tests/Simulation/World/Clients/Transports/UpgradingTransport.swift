import SimulatedMachine

/// A transport that starts with polling and upgrades to a WebSocket. Like the official client, it probes the WebSocket,
/// waits for requests in flight, and then sends the upgrade packet.
final class UpgradingTransport: ClientTransport {
    private enum Phase {
        case polling, probing, pausing, upgraded
        /// The probe has failed, so the client continues polling.
        case probeFailed
    }

    private let polling: PollingTransport
    /// The time that the server gives an upgrade.
    private let upgradeTimeout: Duration
    private let openWebSocket: (_ sid: String) -> WebSocketTransport?
    private let record: Record
    private let kernel: SimulatedKernel
    private var webSocket: WebSocketTransport?
    private var phase = Phase.polling
    /// The time of the request for the WebSocket.
    private var probedAt = Duration.zero
    /// The packets queued while neither transport may send.
    private var buffer: [EnginePacket] = []

    init(
        _ polling: PollingTransport, upgradeTimeout: Duration, kernel: SimulatedKernel, record: Record,
        openWebSocket: @escaping (_ sid: String) -> WebSocketTransport?
    ) {
        self.kernel = kernel
        self.polling = polling
        self.upgradeTimeout = upgradeTimeout
        self.record = record
        self.openWebSocket = openWebSocket
    }

    var protocolError: String? {
        if isStranded, kernel.elapsed < probedAt + upgradeTimeout {
            return "the close of its WebSocket before it could send the upgrade packet"
        }
        return polling.protocolError ?? webSocket?.protocolError
    }

    /// True if the server has closed the WebSocket before the upgrade packet, and polling is paused. An official
    /// client never polls again then.
    private var isStranded: Bool { hasLostProbe && polling.isPaused && !polling.isAtEnd }

    /// True if the server has closed the WebSocket with a close frame, after the probe's answer and before the upgrade
    /// packet.
    private var hasLostProbe: Bool {
        phase == .pausing && webSocket?.isAtEnd == true && webSocket?.closeCode != nil
    }

    var isUnavailable: Bool { polling.isUnavailable }

    func send(_ packets: [EnginePacket]) {
        switch phase {
        case .polling, .probing, .probeFailed: polling.send(packets)
        case .pausing: buffer += packets
        case .upgraded: webSocket?.send(packets)
        }
    }

    func flush() {
        if phase != .upgraded { polling.flush() }
        webSocket?.flush()
    }

    var hasInput: Bool { phase != .upgraded && polling.hasInput || webSocket?.hasInput == true }

    func receive(atMost limit: Int) -> [EnginePacket] {
        var packets: [EnginePacket] = []
        if phase != .upgraded, polling.hasInput { packets = polling.receive(atMost: limit) }
        if phase == .polling, let sid = polling.sid { probe(sid) }
        if let webSocket { packets += receive(from: webSocket, limit) }
        if hasLostProbe { webSocket?.close(.closed, kernel: kernel) }
        if phase == .pausing, polling.isPaused, !polling.isAtEnd, !isStranded { upgrade() }
        return packets
    }

    private func probe(_ sid: String) {
        probedAt = kernel.elapsed
        webSocket = openWebSocket(sid)
        phase = webSocket == nil ? .probeFailed : .probing
        webSocket?.send(["2probe"])
    }

    private func receive(from webSocket: WebSocketTransport, _ limit: Int) -> [EnginePacket] {
        let packets = webSocket.receive(atMost: limit)
        if phase == .probing {
            if case .text(let text)? = packets.first, text.elementsEqual("3probe".utf8) {
                phase = .pausing
                polling.isPausing = true
                return Array(packets.dropFirst())
            }
            if webSocket.isAtEnd || webSocket.isUnavailable || webSocket.isSessionUnknown {
                webSocket.close(.closed, kernel: kernel)
                self.webSocket = nil
                phase = .probeFailed
                record.note(.upgradeFailed)
            }
        }
        return packets
    }

    private func upgrade() {
        record.note(.upgraded)
        phase = .upgraded
        webSocket?.send(["5"] + buffer)
        buffer = []
    }

    var isAtEnd: Bool {
        switch phase {
        case .upgraded: webSocket?.isAtEnd == true
        case .pausing: polling.isAtEnd || isStranded || webSocket?.isAtEnd == true && !hasLostProbe
        case .polling, .probing, .probeFailed: polling.isAtEnd
        }
    }

    var isClosedByServer: Bool { polling.isClosedByServer && webSocket?.isClosedByServer != false }

    var ending: String { "\(phase), \(webSocket?.ending ?? "no WebSocket")" }
    var openWebSocketCloseCode: Int? { phase == .upgraded ? webSocket?.openWebSocketCloseCode : nil }

    func close(_ reason: TransportEnd, kernel: SimulatedKernel) {
        polling.close(reason, kernel: kernel)
        webSocket?.close(reason, kernel: kernel)
    }

    func loseConnection() {
        if phase != .upgraded { polling.loseConnection() }
    }
}
