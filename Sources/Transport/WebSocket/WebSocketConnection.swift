/// A WebSocket on a loop (RFC 6455, server side): a state machine on a channel.
public final class WebSocketConnection: ChannelHandler, TurnHandler {
    private let channel: Channel
    private var limit: PendingLimit
    private var machine: WebSocketStateMachine
    /// True if a check of the limit is requested for the end of this turn.
    private var isLimitCheckRequested = false
    private var handler: (any WebSocketHandler)?
    /// The bytes that arrived before there was a handler.
    private var early: [UInt8]
    private let inputBudget: InputBudget
    private var heldInput = HeldInput()
    /// This WebSocket in the access log, if there is one.
    var access: HTTPAccessEntry?
    /// The size in bytes of the session's unfinished input, which is counted together with that of its connection.
    var sessionInput = 0 {
        didSet { noteInput() }
    }

    /// Takes ownership of a channel whose upgrade request has been answered.
    /// - Parameters:
    ///   - channel: the channel of the upgrade request.
    ///   - early: the bytes that arrived after the upgrade request.
    ///   - maxMessageSize: the largest message the peer may send, in bytes.
    ///   - maxPending: the most bytes that may wait for the peer.
    ///   - inputBudget: the budget for unfinished messages of all connections.
    init(channel: Channel, early: [UInt8], maxMessageSize: Int, maxPending: Int, inputBudget: InputBudget) {
        self.channel = channel
        self.early = early
        self.inputBudget = inputBudget
        limit = PendingLimit(bytes: maxPending)
        self.machine = WebSocketStateMachine(maxMessageSize: maxMessageSize)
    }

    /// Begins to deliver messages to `handler`. The first ones may be delivered before the call returns, if the peer
    /// has sent some already.
    public func deliverMessages(to handler: any WebSocketHandler) {
        guard channel.isOpen else { return }
        self.handler = handler
        channel.replaceHandler(self)
        let early = early
        self.early = []
        if !early.isEmpty { channelRead(early.span.bytes) }
    }

    /// The number of bytes that wait for the peer.
    public var pendingBytes: Int { channel.pendingBytes }

    /// The number of bytes sent since the connection was accepted, queued ones included.
    var queuedBytes: Int { channel.queuedBytes }

    /// The bytes that the channel has received, with those before the upgrade.
    var receivedBytes: Int { channel.receivedBytes }

    /// The peer's progress on this connection.
    /// - Parameter mark: the peer counts as busy until it has acknowledged this many bytes, for example everything up
    ///   to the last ping.
    func progress(upTo mark: Int) -> PeerProgress {
        let acknowledged = channel.acknowledgedBytes
        // The number -1 differs from those of all answers and POSTs, so an upgrade begins new transfers.
        return PeerProgress(
            acknowledged: .init(number: -1, bytes: acknowledged), sent: .init(number: -1, bytes: channel.receivedBytes),
            isUnfinished: channel.isBlocked || acknowledged < mark || machine.isReceivingMessage,
            minimum: channel.loop.limits.minimumProgress)
    }

    /// Queues finished frames for the end of this turn. If more than the limit waits after the turn's writes, the
    /// WebSocket ends. The check runs after the writes, so that a peer that reads may get more than the limit in one
    /// turn.
    public func send(_ frames: [UInt8]) {
        limit.add(frames.count, toWaiting: channel.pendingBytes)
        channel.send(frames)
        guard !isLimitCheckRequested, limit.isExceeded(by: channel.pendingBytes) else { return }
        isLimitCheckRequested = true
        // This runs after the channel's write, which was requested earlier.
        channel.loop.atEndOfTurn(.write, self)
    }

    /// Holds all output of this turn until the phase `beforeWrites` is done, even if much is queued.
    func deferWrites() {
        channel.deferWrites()
    }

    public func turnEnded() {
        isLimitCheckRequested = false
        guard limit.isExceeded(by: channel.pendingBytes) else { return }
        channel.loop.observer?.noted(.overflowed)
        let handler = handler
        reset()
        handler?.webSocketEnded(.overflow, on: self)
    }

    /// Ends the WebSocket with a close frame after the queued output. The handler is not notified.
    public func close(_ code: WebSocketCloseCode, reason: String = "") {
        releaseInput()
        handler = nil
        if let frame = machine.close(code: code, reason: reason) { channel.send(frame) }
        channel.closeAfterFlush()
    }

    /// Ends the WebSocket at once and discards the queued output. The handler is not notified.
    public func reset() {
        releaseInput()
        handler = nil
        channel.reset()
    }

    /// Stops or resumes reading. The end of the connection is noticed either way.
    public func setReading(_ reading: Bool) {
        channel.setReading(reading)
    }

    func channelRead(_ bytes: RawSpan) {
        var messages: [ClientMessage] = []
        var position = 0
        while let action = machine.next(in: bytes, from: &position) {
            if case .receive(let message) = action {
                messages.append(message)
                continue
            }
            // Deliver the messages before the ping first, so that the pong follows the output that they cause.
            handOver(&messages)
            switch action {
            case .receive: break
            case .send(let frame): send(frame)
            case .finish(let ending, let closeFrame): finish(ending, closeFrame: closeFrame)
            }
        }
        handOver(&messages)
        let others = machine.takeOtherFrames()
        if others > 0 { handler?.webSocketReceived(otherFrames: others, on: self) }
        noteInput()
    }

    private func handOver(_ messages: inout [ClientMessage]) {
        guard !messages.isEmpty else { return }
        handler?.webSocketReceived(messages, on: self)
        messages = []
    }

    private func finish(_ ending: WebSocketStateMachine.Ending, closeFrame: [UInt8]?) {
        if let closeFrame { send(closeFrame) }
        let handler = handler
        self.handler = nil
        releaseInput()
        channel.closeAfterFlush()
        switch ending {
        case .failed(.messageTooBig): handler?.webSocketEnded(.messageTooLarge, on: self)
        case .failed: handler?.webSocketEnded(.protocolError, on: self)
        case .closedByPeer, .closedByUs: handler?.webSocketEnded(.closedByPeer, on: self)
        }
    }

    func channelEnded(_ end: ChannelEnd) {
        let handler = handler
        self.handler = nil
        releaseInput()
        handler?.webSocketEnded(end == .endOfFile ? .closedByPeer : .failed, on: self)
    }

    func channelDrained() {
        handler?.webSocketDrained(self)
    }
}

extension WebSocketConnection: InputHolder {
    private func noteInput() {
        guard channel.isOpen else { return }
        heldInput.set(machine.heldBytes + sessionInput, in: inputBudget, by: self)
    }

    private func releaseInput() {
        access?.closeWebSocket(sent: channel.queuedBytes, at: channel.loop.machine.now)
        access = nil
        heldInput.set(0, in: inputBudget, by: self)
    }

    func resetForInput() {
        let handler = handler
        reset()
        handler?.webSocketEnded(.inputExceeded, on: self)
    }

    func refuseInput() {
        resetForInput()
    }
}
