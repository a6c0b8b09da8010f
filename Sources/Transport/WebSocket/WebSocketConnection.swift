/// A message of a WebSocket.
public enum WebSocketMessage: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
}

/// How a WebSocket ended.
public enum WebSocketEnd: Sendable, Equatable {
    /// The peer closed it or went away.
    case closedByPeer
    /// Reading or writing failed.
    case failed
    /// The peer broke the protocol.
    case protocolError
    /// More than the limit of bytes waited for the peer.
    case overflow
}

/// What lives on top of a WebSocket.
public protocol WebSocketHandler: AnyObject {
    /// The messages that one read completed, in order.
    func webSocketReceived(_ messages: [WebSocketMessage])
    /// The WebSocket is over; nothing follows. Not called when this side closed it.
    func webSocketEnded(_ end: WebSocketEnd)
    /// A queue that was over the low-water mark of 64 KiB fell below it.
    func webSocketDrained()
}

/// A WebSocket on a loop (RFC 6455, server side): a state machine on a channel.
public final class WebSocketConnection: ChannelHandler, TurnHandler {
    private let channel: Channel
    private var limit: PendingLimit
    private var machine: WebSocketStateMachine
    private var handler: (any WebSocketHandler)?
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
    ///   - maxMessageSize: the largest message the peer may send, in bytes.
    ///   - maxPending: the most bytes that may wait for the peer.
    ///   - inputBudget: what unfinished messages of all connections may take.
    init(channel: Channel, maxMessageSize: Int, maxPending: Int, inputBudget: InputBudget) {
        self.channel = channel
        self.inputBudget = inputBudget
        limit = PendingLimit(bytes: maxPending)
        self.machine = WebSocketStateMachine(maxMessageSize: maxMessageSize)
    }

    /// Begins to hand messages to `handler`, those in `received` first.
    /// - Parameter received: what arrived directly behind the upgrade request.
    func start(_ handler: any WebSocketHandler, received: [UInt8]) {
        // Whoever made the handler may have closed the WebSocket already.
        guard channel.isOpen else { return }
        self.handler = handler
        channel.replaceHandler(self)
        if !received.isEmpty { channelRead(received.span.bytes) }
    }

    /// Hands what arrives from now on to another handler.
    func replaceHandler(_ handler: any WebSocketHandler) {
        self.handler = handler
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
            isUnfinished: channel.isBlocked || acknowledged < mark || machine.isReceivingMessage)
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

    /// Leaves everything queued to the end of the turn, behind what it tells the hub.
    func holdBack() {
        channel.holdBack()
    }

    public func turnEnded() {
        isLimitAsked = false
        guard limit.isExceeded(by: channel.pendingBytes) else { return }
        let handler = handler
        reset()
        handler?.webSocketEnded(.overflow)
    }

    /// Sends one message.
    public func send(_ message: WebSocketMessage) {
        switch message {
        case .text(let payload): send(WebSocketFrameEncoder.frame(opcode: .text, payload: payload))
        case .binary(let payload): send(WebSocketFrameEncoder.frame(opcode: .binary, payload: payload))
        }
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
        // The machine must not be entered again while it parses, so what it asks for is done afterwards, in its order.
        var actions: [WebSocketStateMachine.Action] = []
        machine.receive(bytes) { actions.append($0) }
        var messages: [WebSocketMessage] = []
        for action in actions {
            switch action {
            case .text(let payload):
                messages.append(.text(payload))
            case .binary(let payload):
                messages.append(.binary(payload))
            case .pong:
                break
            case .send(let frame):
                deliver(&messages)
                send(frame)
            case .finish(let ending):
                deliver(&messages)
                finish(ending)
            }
        }
        deliver(&messages)
        noteInput()
    }

    private func deliver(_ messages: inout [WebSocketMessage]) {
        guard !messages.isEmpty else { return }
        let batch = messages
        messages = []
        handler?.webSocketReceived(batch)
    }

    private func finish(_ ending: WebSocketEnding) {
        let handler = handler
        self.handler = nil
        releaseInput()
        channel.closeAfterFlush()
        if case .failed = ending {
            handler?.webSocketEnded(.protocolError)
        } else {
            handler?.webSocketEnded(.closedByPeer)
        }
    }

    func channelEnded(_ end: ChannelEnd) {
        let handler = handler
        self.handler = nil
        releaseInput()
        handler?.webSocketEnded(end == .endOfFile ? .closedByPeer : .failed)
    }

    func channelDrained() {
        handler?.webSocketDrained()
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
        handler?.webSocketEnded(.overflow)
    }

    func refuseInput() {
        resetForInput()
    }
}
