/// A client connection that speaks HTTP/1.1. It parses requests, answers them in order, and enforces the timeouts.
final class HTTPConnection: ChannelHandler, TurnHandler {
    enum Phase {
        /// No request is in progress, except that a part of the next head may have arrived.
        case idle
        /// The body of a request is arriving.
        case receiving(HTTPExchange)
        /// A complete request waits for its answer.
        case answering(HTTPExchange)
        /// The body of an answer is sent in pieces.
        case streaming(HTTPBodyStream)
        /// The request with this head belongs to another worker. The connection is passed on as soon as the earlier
        /// answers are written.
        case leaving(HTTPRequestHead)
        /// The channel is closed, or belongs to another protocol.
        case ended
    }

    /// Identifies the connection in its server.
    let number: Int
    let channel: Channel
    var peer: HTTPPeer
    let server: HTTPServer
    let timeouts: HTTPTimeouts
    var phase = Phase.idle
    var parser: HTTPRequestParser
    var backlog = HTTPBacklog()
    /// True until the next request is parsed, if this worker must handle it.
    var isPassedOn: Bool
    var timer = LazyTimer()
    /// The deadline of the last answer.
    var answerDeadline: HTTPAnswerDeadline?
    /// The time by which the next request must begin.
    var idleDeadline: ContinuousClock.Instant
    /// The request in progress, if the server has an access log.
    var access: HTTPAccessEntry?
    private var heldInput = HeldInput()
    /// True while ``resume()`` is on the call stack.
    private(set) var isParsing = false
    private var isResumeRequested = false
    var pipeline = HTTPPipeline()

    init(
        number: Int, channel: Channel, peer: HTTPPeer, server: HTTPServer, timeouts: HTTPTimeouts,
        isPassedOn: Bool = false
    ) {
        self.number = number
        self.channel = channel
        self.peer = peer
        self.server = server
        self.timeouts = timeouts
        self.isPassedOn = isPassedOn
        self.parser = HTTPRequestParser(limits: server.limits)
        idleDeadline = channel.loop.now + timeouts.head
    }

    func awaitRequest() throws(SystemError) {
        try channel.open(for: self)
        setDeadline(after: timeouts.head)
    }

    /// The unanswered request.
    var exchange: HTTPExchange? {
        switch phase {
        case .receiving(let exchange), .answering(let exchange): exchange
        case .idle, .streaming, .leaving, .ended: nil
        }
    }

    var hasEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    // MARK: Receiving

    func channelRead(_ bytes: RawSpan) {
        backlog.append(bytes)
        resume()
    }

    /// Parses the backlog until a request has to wait for its answer.
    func resume() {
        guard !isParsing, !hasEnded else { return }
        isParsing = true
        defer { isParsing = false }
        while !backlog.isEmpty, mayParse, pipeline.mayContinue(on: self), readProxyHeader() {
            parse(backlog.bytes)
        }
        guard !hasEnded else { return }
        backlog.compact()
        if channel.hasPeerEnded, !isAnswerDue { return closeWithoutAnswer() }
        noteInput()
        channel.setReading(!channel.hasPeerEnded && backlog.count < channel.loop.limits.requestBacklog && !isCongested)
    }

    /// True if the next request may be parsed. A request is parsed after the answer to the one before it.
    private var mayParse: Bool {
        switch phase {
        case .idle, .receiving: !isCongested
        case .answering, .streaming, .leaving, .ended: false
        }
    }

    /// True if the client does not read its answers.
    private var isCongested: Bool { channel.pendingBytes > 2 * channel.loop.limits.lowWater }

    private func parse(_ bytes: [UInt8]) {
        let wasIdle = parser.isIdle
        var passedHead: HTTPRequestHead?
        do {
            let (used, request) = try parser.parse(
                bytes.span.bytes.extracting(droppingFirst: backlog.parsed),
                maxBody: { [server] in server.maxBody(of: $0) },
                passesOn: server.handover == nil
                    ? nil
                    : { [server, isPassedOn] head in
                        guard server.destination(of: head, isPassedOn: isPassedOn) != .here else { return false }
                        passedHead = head
                        return true
                    })
            backlog.advance(by: used)
            if let passedHead {
                phase = .leaving(passedHead)
                leave()
            } else if let request {
                complete(request)
            } else if let head = parser.headAwaitingBody {
                if case .idle = phase { awaitBody(of: head) }
            } else if wasIdle, !parser.isIdle {
                setDeadline(after: timeouts.head)
            }
        } catch {
            noteRefusedHeader()
            refuse(.text(error.status, error.description))
        }
    }

    private func awaitBody(of head: HTTPRequestHead) {
        isPassedOn = false
        let exchange = makeExchange(for: HTTPRequest(head: head, body: []))
        phase = .receiving(exchange)
        setDeadline(after: timeouts.body)
        if let refusal = server.refusal(of: exchange.request.head) { return exchange.respond(refusal) }
        if parser.expectsContinue { channel.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
        server.handler(for: head)?.bodyBegins(exchange)
    }

    private func complete(_ request: HTTPRequest) {
        isPassedOn = false
        pipeline.count(at: channel.loop.now)
        let exchange = receivedExchange(of: request) ?? makeExchange(for: request)
        phase = .answering(exchange)
        timer.clear()
        server.dispatch(exchange)
    }

    /// The number of bytes received on this connection.
    var receivedBytes: Int { channel.receivedBytes }

    func isReceivingBody(of exchange: HTTPExchange) -> Bool {
        if case .receiving(let receiving) = phase { receiving === exchange } else { false }
    }

    /// Schedules parsing of the next pipelined requests at the end of the turn. The answer may be sent while another
    /// connection's request is being handled. If parsing resumed at once, handling a request could answer a second
    /// connection, whose next request could answer a third, to a depth that clients control.
    func requestResume() {
        guard !isParsing, !isResumeRequested, !backlog.isEmpty || channel.hasPeerEnded else { return }
        isResumeRequested = true
        channel.loop.atEndOfTurn(.beforeWrites, self)
    }

    func turnEnded() {
        isResumeRequested = false
        resume()
    }

    // MARK: The end of the client's side

    /// A client may end its side after its requests and still get the answers.
    var answersAfterEnd: Bool { isAnswerDue || channel.pendingBytes > 0 }

    /// True if an answer must be sent before the connection closes. A client that ends its side in the middle of a
    /// request, or while a long poll waits, counts as gone, whatever it has sent after that request.
    private var isAnswerDue: Bool {
        switch phase {
        case .idle: !backlog.isEmpty && !peer.mayBeginWithHeader
        case .answering(let exchange): exchange.onAbandoned == nil
        case .streaming, .leaving: true
        case .receiving, .ended: false
        }
    }

    func channelPeerEnded() {
        resume()
    }

    /// Closes once the previous answers are written. An unanswered request gets no answer.
    private func closeWithoutAnswer() {
        let exchange = exchange
        closeAfterFlush()
        exchange?.abandon()
    }

    func channelEnded(_ end: ChannelEnd) {
        let exchange = exchange
        finish()
        exchange?.abandon()
    }

    func channelDrained() {
        readPiece()
        resume()
    }

    // MARK: Ending

    /// Passes the channel to a WebSocket, with the bytes received after the request.
    func upgrade(_ response: [UInt8], maxMessageSize: Int, maxPending: Int) -> WebSocketConnection? {
        guard exchange != nil else { return nil }
        server.counters.countResponse(.switchingProtocols)
        channel.send(response)
        let webSocket = WebSocketConnection(
            channel: channel, early: backlog.take(), maxMessageSize: maxMessageSize, maxPending: maxPending,
            inputBudget: inputBudget)
        channel.setReading(true)
        access?.openWebSocket(after: channel.queuedBytes, at: channel.loop.machine.now)
        webSocket.access = access
        access = nil
        finish()
        return webSocket
    }

    /// Closes the connection if it is idle. Otherwise it closes after the pending answer.
    func shutDown() {
        if case .idle = phase { closeAfterFlush() }
    }

    func closeAfterFlush() {
        channel.closeAfterFlush()
        finish()
    }

    func finish() {
        phase = .ended
        endAccess()
        _ = backlog.take()
        heldInput.set(0, in: inputBudget, by: self)
        timer.cancel(on: channel.loop)
        pipeline.end(on: channel.loop)
        server.forget(self)
    }
}

/// The accounting of unfinished requests.
extension HTTPConnection: InputHolder {
    var inputBudget: InputBudget { server.inputBudget }

    func noteInput() {
        switch phase {
        case .ended: break
        case .answering(let exchange):
            heldInput.set(backlog.count + parser.heldBytes + exchange.heldBytes, in: inputBudget, by: self)
        case .idle, .receiving, .streaming, .leaving:
            heldInput.set(backlog.count + parser.heldBytes, in: inputBudget, by: self)
        }
    }

    func resetForInput() {
        let exchange = exchange
        channel.reset()
        finish()
        exchange?.abandon()
    }

    func refuseInput() {
        // A second answer inside a body would be read as a part of the body.
        if case .streaming = phase { return resetForInput() }
        refuse(.text(.serviceUnavailable, "too many requests are arriving at the same time"))
    }
}
