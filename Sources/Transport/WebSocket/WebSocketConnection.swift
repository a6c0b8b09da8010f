/// A WebSocket on a loop (RFC 6455, server side): a state machine on a channel.
public final class WebSocketConnection: ChannelHandler, TurnHandler {
    private let channel: Channel
    private var limit: PendingLimit
    private var machine: WebSocketStateMachine
    private var handler: (any WebSocketHandler)?
    /// What arrived before there was a handler.
    private var early: [UInt8]
    /// The limit is looked at when this turn's output is written.
    private var isLimitAsked = false
    private let inputBudget: InputBudget
    private var heldInput = HeldInput()
    /// What the session above holds: one connection is judged by all it holds.
    var sessionInput = 0 {
        didSet { noteInput() }
    }

    /// Takes over a channel whose upgrade request has been answered.
    /// - Parameters:
    ///   - early: what arrived directly behind the upgrade request.
    ///   - maxMessageSize: the largest message the peer may send, in bytes.
    ///   - maxPending: the most bytes that may wait for the peer.
    ///   - inputBudget: what unfinished messages of all connections may take.
    init(channel: Channel, early: [UInt8], maxMessageSize: Int, maxPending: Int, inputBudget: InputBudget) {
        self.channel = channel
        self.early = early
        self.inputBudget = inputBudget
        limit = PendingLimit(bytes: maxPending)
        self.machine = WebSocketStateMachine(maxMessageSize: maxMessageSize)
    }

    /// Begins to hand messages to `handler`. It may be called at once, with what the peer has sent already.
    public func deliverMessages(to handler: any WebSocketHandler) {
        guard channel.isOpen else { return }
        self.handler = handler
        channel.replaceHandler(self)
        let early = early
        self.early = []
        if !early.isEmpty { channelRead(early.span.bytes) }
    }

    /// The bytes that wait for the peer.
    public var pendingBytes: Int { channel.pendingBytes }

    /// All bytes since the beginning, those that wait included.
    var queuedBytes: Int { channel.queuedBytes }

    /// How far the peer is with everything on this connection.
    /// - Parameter mark: bytes that it must have acknowledged to have nothing in front of it.
    func progress(upTo mark: Int) -> PeerProgress {
        let acknowledged = channel.acknowledgedBytes
        return PeerProgress(
            taken: .init(number: -1, bytes: acknowledged), sent: .init(number: -1, bytes: channel.receivedBytes),
            isUnfinished: channel.isBlocked || acknowledged < mark || machine.isReceivingMessage,
            least: channel.loop.limits.leastProgress)
    }

    /// Queues finished frames for the end of this turn. When the kernel has taken what it will and more than the limit
    /// waits, the WebSocket ends: what one turn gives a peer that reads is no reason to lose it.
    public func send(_ frames: [UInt8]) {
        limit.add(frames.count, toWaiting: channel.pendingBytes)
        channel.send(frames)
        guard !isLimitAsked, limit.isExceeded(by: channel.pendingBytes) else { return }
        isLimitAsked = true
        // Behind the channel, which has asked for the end of the turn before.
        channel.loop.atEndOfTurn(.write, self)
    }

    /// Leaves everything queued to the end of the turn, behind the work that comes before writes.
    func deferWrites() {
        channel.deferWrites()
    }

    public func turnEnded() {
        isLimitAsked = false
        guard limit.isExceeded(by: channel.pendingBytes) else { return }
        channel.loop.observer?.noted(.overflowed)
        let handler = handler
        reset()
        handler?.webSocketEnded(.overflow, on: self)
    }

    /// Ends the WebSocket with a close frame behind everything queued.
    public func close(_ code: WebSocketCloseCode, reason: String = "") {
        releaseInput()
        handler = nil
        if let frame = machine.close(code: code, reason: reason) { channel.send(frame) }
        channel.closeAfterFlush()
    }

    /// Ends the WebSocket at once, and what waits for the peer is forgotten.
    public func reset() {
        releaseInput()
        handler = nil
        channel.reset()
    }

    /// Stops or goes on reading. The end of the connection is noticed either way.
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
            // A pong goes out behind what the messages before its ping lead to.
            handOver(&messages)
            switch action {
            case .receive: break
            case .send(let frame): send(frame)
            case .finish(let ending, let closeFrame): finish(ending, closeFrame: closeFrame)
            }
        }
        handOver(&messages)
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
        if case .failed = ending {
            handler?.webSocketEnded(.protocolError, on: self)
        } else {
            handler?.webSocketEnded(.closedByPeer, on: self)
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
        heldInput.set(0, in: inputBudget, by: self)
    }

    func resetForInput() {
        let handler = handler
        reset()
        handler?.webSocketEnded(.overflow, on: self)
    }

    func refuseInput() {
        resetForInput()
    }
}
