/// One client connection that speaks HTTP/1.1: parses requests, answers them in order, keeps itself alive or times out.
final class HTTPConnection: ChannelHandler, TurnHandler {
    enum Phase {
        /// No request has come, or its head not completely.
        case idle
        /// The body of a request is arriving.
        case receiving(HTTPExchange)
        /// A request has its answer now or later.
        case answering(HTTPExchange)
        /// The body of an answer is sent piece by piece.
        case streaming(HTTPBodyStream)
        /// The channel is closed or somebody else's.
        case over
    }

    /// Names the connection in its server.
    let number: Int
    let channel: Channel
    private let peer: String
    let server: HTTPServer
    let timeouts: HTTPTimeouts
    var phase = Phase.idle
    var parser: HTTPRequestParser
    private var backlog = HTTPBacklog()
    var timer = LazyTimer()
    /// Of the answer given last.
    var answerDeadline: HTTPAnswerDeadline?
    /// Until when the next request must begin.
    var idleDeadline: ContinuousClock.Instant
    private var heldInput = HeldInput()
    /// Requests are being parsed further up on the stack.
    private(set) var isParsing = false
    private var isResumeRequested = false

    init(number: Int, channel: Channel, peer: String, server: HTTPServer, timeouts: HTTPTimeouts) {
        self.number = number
        self.channel = channel
        self.peer = peer
        self.server = server
        self.timeouts = timeouts
        self.parser = HTTPRequestParser(limits: server.limits)
        idleDeadline = channel.loop.now + timeouts.head
    }

    func awaitRequest() throws(SystemError) {
        try channel.open(for: self)
        setDeadline(after: timeouts.head)
    }

    /// The request that has no answer.
    var exchange: HTTPExchange? {
        switch phase {
        case .receiving(let exchange), .answering(let exchange): exchange
        case .idle, .streaming, .over: nil
        }
    }

    var isOver: Bool {
        if case .over = phase { true } else { false }
    }

    // MARK: Receiving

    func channelRead(_ bytes: RawSpan) {
        backlog.append(bytes)
        resume()
    }

    /// Deals with the backlog as far as requests may be answered now.
    func resume() {
        guard !isParsing, !isOver else { return }
        isParsing = true
        defer { isParsing = false }
        while !backlog.isEmpty, mayParse {
            parse(backlog.bytes)
        }
        guard !isOver else { return }
        backlog.compact()
        if channel.hasPeerEnded, !isAnswerDue { return closeWithoutAnswer() }
        noteInput()
        channel.setReading(!channel.hasPeerEnded && backlog.count < channel.loop.limits.requestBacklog && !isFull)
    }

    /// Requests are answered one after the other.
    private var mayParse: Bool {
        switch phase {
        case .idle, .receiving: !isFull
        case .answering, .streaming, .over: false
        }
    }

    /// The client does not take its answers.
    private var isFull: Bool { channel.pendingBytes > 2 * channel.loop.limits.lowWater }

    private func parse(_ bytes: [UInt8]) {
        let wasIdle = parser.isIdle
        do {
            let (used, request) = try parser.parse(
                bytes.span.bytes.extracting(droppingFirst: backlog.parsed),
                maxBody: { [server] in server.maxBody(of: $0) })
            backlog.advance(by: used)
            if let request {
                complete(request)
            } else if let head = parser.headAwaitingBody {
                if case .idle = phase { awaitBody(of: head) }
            } else if wasIdle, !parser.isIdle {
                setDeadline(after: timeouts.head)
            }
        } catch {
            refuse(.text(error.status, error.description))
        }
    }

    private func awaitBody(of head: HTTPRequestHead) {
        let exchange = HTTPExchange(request: HTTPRequest(head: head, body: []), peer: peer, connection: self)
        phase = .receiving(exchange)
        setDeadline(after: timeouts.body)
        if let refusal = server.refusal(of: head) { return exchange.respond(refusal) }
        if parser.expectsContinue { channel.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
        server.handler(for: head)?.bodyBegins(exchange)
    }

    private func complete(_ request: HTTPRequest) {
        let exchange = self.exchange ?? HTTPExchange(request: request, peer: peer, connection: self)
        exchange.request = request
        phase = .answering(exchange)
        timer.clear()
        server.dispatch(exchange)
    }

    /// All bytes that have come on this connection.
    var receivedBytes: Int { channel.receivedBytes }

    func isReceivingBody(of exchange: HTTPExchange) -> Bool {
        if case .receiving(let receiving) = phase { receiving === exchange } else { false }
    }

    /// Goes on with the requests behind the one that has been answered. The answer may have come from deep inside another
    /// connection's request: going on at once, each connection's next request could answer the one after it, as deep as clients
    /// like.
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

    /// A client may end its side behind its requests, and gets the answers.
    var answersAfterEnd: Bool { isAnswerDue || channel.pendingBytes > 0 }

    /// A client that ends its side within a request, or while its request is held until there is something to tell, has gone,
    /// whatever it has sent behind that.
    private var isAnswerDue: Bool {
        switch phase {
        case .idle: !backlog.isEmpty
        case .answering(let exchange): exchange.onAbandoned == nil
        case .streaming: true
        case .receiving, .over: false
        }
    }

    func channelPeerEnded() {
        resume()
    }

    /// Closes once the answers before are written.
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

    /// Hands the channel over, with what has come behind the request.
    func upgrade(_ response: [UInt8], maxMessageSize: Int, maxPending: Int) -> WebSocketConnection? {
        guard exchange != nil else { return nil }
        channel.send(response)
        let webSocket = WebSocketConnection(
            channel: channel, early: backlog.take(), maxMessageSize: maxMessageSize, maxPending: maxPending,
            inputBudget: inputBudget)
        channel.setReading(true)
        finish()
        return webSocket
    }

    /// Closes when idle, or after the answer that is due.
    func shutDown() {
        if case .idle = phase { closeAfterFlush() }
    }

    func closeAfterFlush() {
        channel.closeAfterFlush()
        finish()
    }

    func finish() {
        phase = .over
        _ = backlog.take()
        heldInput.set(0, in: inputBudget, by: self)
        timer.cancel(on: channel.loop)
        server.forget(self)
    }
}

/// What has come of requests that are not answered.
extension HTTPConnection: InputHolder {
    var inputBudget: InputBudget { server.inputBudget }

    func noteInput() {
        switch phase {
        case .over: break
        case .answering(let exchange):
            heldInput.set(backlog.count + parser.heldBytes + exchange.heldBytes, in: inputBudget, by: self)
        case .idle, .receiving, .streaming:
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
        // An answer within the body of another one would be taken for a part of it.
        if case .streaming = phase { return resetForInput() }
        refuse(.text(.serviceUnavailable, "too many requests are arriving at the same time"))
    }
}
