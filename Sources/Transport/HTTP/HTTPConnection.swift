/// One client connection that speaks HTTP/1.1: parses requests, answers them in order, keeps itself alive or times out.
final class HTTPConnection: ChannelHandler, TimerTarget, TurnHandler {
    /// Names the connection in its server.
    let number: Int
    private let channel: Channel
    private let peer: String
    private let server: HTTPServer
    private let timeouts: HTTPTimeouts
    private var parser: HTTPRequestParser
    /// What arrived, of which the first `parsed` bytes have been dealt with.
    private var backlog: [UInt8] = []
    private var parsed = 0
    private var exchange: HTTPExchange?
    /// The body that is being sent piece by piece.
    private var stream: (source: any HTTPBodySource, transfer: HTTPBodyTransfer, mustClose: Bool)?
    /// Of the answer given last.
    private var answerDeadline: HTTPAnswerDeadline?
    /// Until when the next request must begin.
    private var idleDeadline: ContinuousClock.Instant
    private var isBodyAwaited = false
    private var isParsing = false
    private var isResumeRequested = false
    /// The channel is closed or somebody else's.
    private var isOver = false
    private var deadline: ContinuousClock.Instant?
    private var timer: (token: EventLoop.TimerToken, instant: ContinuousClock.Instant)?
    private var heldInput = HeldInput()

    init(number: Int, channel: Channel, peer: String, server: HTTPServer, timeouts: HTTPTimeouts) {
        self.number = number
        self.channel = channel
        self.peer = peer
        self.server = server
        self.timeouts = timeouts
        self.parser = HTTPRequestParser(limits: server.limits)
        idleDeadline = channel.loop.now + timeouts.head
    }

    func start() throws(SystemError) {
        try channel.open(for: self)
        setDeadline(after: timeouts.head)
    }

    // MARK: Receiving

    func channelRead(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { backlog.append(contentsOf: $0) }
        resume()
    }

    /// Deals with the backlog as far as requests may be answered now.
    private func resume() {
        guard !isParsing, !isOver else { return }
        isParsing = true
        defer { isParsing = false }
        while !isOver, parsed < backlog.count, mayParse {
            parse(backlog)
        }
        guard !isOver else { return }
        if parsed > 0 {
            // A new array: one that gets shorter keeps its memory.
            backlog = Array(backlog[parsed...])
            parsed = 0
        }
        if channel.hasPeerEnded, stream == nil, !isAnswerDue { return closeWithoutAnswer() }
        noteInput()
        channel.setReading(!channel.hasPeerEnded && backlog.count < channel.loop.limits.requestBacklog && !isFull)
    }

    /// Requests are answered one after the other.
    private var mayParse: Bool { (exchange == nil && stream == nil || isBodyAwaited) && !isFull }

    var inputBudget: InputBudget { server.inputBudget }

    /// What has come of requests that are not answered.
    private func noteInput() {
        guard !isOver else { return }
        let request = isBodyAwaited ? 0 : exchange?.heldBytes ?? 0
        heldInput.set(backlog.count + parser.heldBytes + request, in: inputBudget, by: self)
    }

    /// The client does not take its answers.
    private var isFull: Bool { channel.pendingBytes > 2 * channel.loop.limits.lowWater }

    private func parse(_ bytes: [UInt8]) {
        let wasIdle = parser.isIdle
        do {
            let (used, request) = try parser.parse(
                bytes.span.bytes.extracting(droppingFirst: parsed), maxBody: { [server] in server.maxBody(of: $0) })
            parsed += used
            if let request {
                complete(request)
            } else if let head = parser.headAwaitingBody {
                if !isBodyAwaited { awaitBody(of: head) }
            } else if wasIdle, !parser.isIdle {
                setDeadline(after: timeouts.head)
            }
        } catch {
            refuse(.text(error.status, error.description))
        }
    }

    private func awaitBody(of head: HTTPRequestHead) {
        isBodyAwaited = true
        setDeadline(after: timeouts.body)
        let exchange = HTTPExchange(request: HTTPRequest(head: head, body: []), peer: peer, connection: self)
        self.exchange = exchange
        if let refusal = server.refusal(of: head) { return exchange.respond(refusal) }
        if parser.expectsContinue { channel.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
        server.handler(for: head)?.bodyBegins(exchange)
    }

    /// All bytes that have come on this connection.
    var receivedBytes: Int { channel.receivedBytes }

    func isReceivingBody(of exchange: HTTPExchange) -> Bool {
        isBodyAwaited && self.exchange === exchange
    }

    private func complete(_ request: HTTPRequest) {
        let exchange = self.exchange ?? HTTPExchange(request: request, peer: peer, connection: self)
        exchange.request = request
        self.exchange = exchange
        isBodyAwaited = false
        deadline = nil
        server.dispatch(exchange)
    }

    // MARK: The end of the client's side

    /// A client may end its side behind its requests, and gets the answers.
    var answersAfterEnd: Bool { isAnswerDue || stream != nil || channel.pendingBytes > 0 }

    /// A client that ends its side within a request, or while its request is held until there is something to tell, has gone,
    /// whatever it has sent behind that.
    private var isAnswerDue: Bool {
        guard let exchange else { return parsed < backlog.count }
        return !isBodyAwaited && exchange.onAbandoned == nil
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

    // MARK: Answering

    func finish(_ exchange: HTTPExchange, with response: HTTPResponse, streaming source: (any HTTPBodySource)?) {
        guard self.exchange === exchange, !isOver else { return }
        let head = exchange.request.head
        let mustClose = isBodyAwaited || !head.isKeepAlive || server.isShuttingDown
        self.exchange = nil
        var response = response
        response.headers += server.scopeHeaders(for: head)
        let start = channel.queuedBytes
        let now = channel.loop.now
        answerDeadline = HTTPAnswerDeadline(
            timeout: timeouts.answer, acknowledged: start - channel.pendingBytes, now: now)
        idleDeadline = now + timeouts.idle
        server.counters.responses += 1
        if let source, source.count > 0, response.status.allowsBody, head.method != .head {
            channel.send(
                response.serializedHead(for: head.version, keepAlive: !mustClose, bodyCount: source.count))
            stream = (source, HTTPBodyTransfer(count: source.count), mustClose)
            setDeadline(after: timeouts.answer / 4)
            return readPiece()
        }
        send(response, to: head, bodyCount: source?.count, keepAlive: !mustClose)
        exchange.answer = ChannelTransfer(on: channel, from: start)
        endAnswer(mustClose: mustClose)
    }

    /// A large body is queued as it is, so that those who get the same share it.
    private func send(_ response: HTTPResponse, to head: HTTPRequestHead, bodyCount: Int?, keepAlive: Bool) {
        let hasBody = response.status.allowsBody && head.method != .head
        if hasBody, response.body.count <= LoopBuffers.joinLimit {
            return channel.send(response.serialized(for: head.version, keepAlive: keepAlive))
        }
        channel.send(response.serializedHead(for: head.version, keepAlive: keepAlive, bodyCount: bodyCount))
        if hasBody { channel.send(response.body) }
    }

    private func endAnswer(mustClose: Bool) {
        guard !mustClose, !server.isShuttingDown else { return closeAfterFlush() }
        setDeadline(after: timeouts.answer / 4)
        if !isParsing { noteInput() }
        requestResume()
    }

    // MARK: Streaming

    private func readPiece() {
        let limit = channel.loop.limits.lowWater
        guard stream?.transfer.shouldRead(waiting: channel.pendingBytes, limit: limit) == true,
            let source = stream?.source
        else {
            return
        }
        source.readPiece { [weak self] piece in self?.received(piece) }
    }

    private func received(_ piece: [UInt8]?) {
        guard let step = stream?.transfer.read(piece), let mustClose = stream?.mustClose else { return }
        switch step {
        case .send(let bytes):
            channel.send(bytes)
            readPiece()
        case .sendLast(let bytes):
            channel.send(bytes)
            stream = nil
            endAnswer(mustClose: mustClose)
        case .fail:
            closeAfterFlush()
        }
    }

    /// Closes at once, without the answer that is due.
    func drop(_ exchange: HTTPExchange) {
        guard self.exchange === exchange, !isOver else { return }
        channel.close()
        finish()
    }

    /// The answer may have come from deep inside another connection's request: going on at once, each connection's next
    /// request could answer the one after it, as deep as clients like.
    private func requestResume() {
        guard !isParsing, !isResumeRequested, !backlog.isEmpty || channel.hasPeerEnded else { return }
        isResumeRequested = true
        channel.loop.atEndOfTurn(.beforeWrites, self)
    }

    func turnEnded() {
        isResumeRequested = false
        resume()
    }

    /// Hands the channel over, with what has come behind the request.
    func upgrade(_ response: [UInt8], maxMessageSize: Int, maxPending: Int) -> WebSocketConnection? {
        guard exchange != nil, !isOver else { return nil }
        channel.send(response)
        let webSocket = WebSocketConnection(
            channel: channel, early: Array(backlog[parsed...]), maxMessageSize: maxMessageSize,
            maxPending: maxPending, inputBudget: inputBudget)
        channel.setReading(true)
        finish()
        return webSocket
    }

    /// Answers something that is no request, and closes.
    private func refuse(_ response: HTTPResponse) {
        server.counters.refusals += 1
        let exchange = exchange
        var response = response
        if let head = exchange?.request.head ?? parser.refusedHead {
            response.headers += server.scopeHeaders(for: head)
        }
        channel.send(response.serialized(keepAlive: false, isHead: false))
        closeAfterFlush()
        exchange?.abandon()
    }

    // MARK: Time and end

    private func setDeadline(after duration: Duration) {
        let instant = channel.loop.now + duration
        deadline = instant
        if let timer, timer.instant <= instant { return }
        startTimer(at: instant)
    }

    private func startTimer(at instant: ContinuousClock.Instant) {
        cancelTimer()
        timer = (channel.loop.startTimer(at: instant, self), instant)
    }

    private func cancelTimer() {
        if let timer { channel.loop.cancelTimer(timer.token) }
        timer = nil
    }

    /// One timer follows the deadline lazily: moving the deadline back costs nothing.
    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        guard !isOver, let deadline else { return }
        guard now >= deadline else {
            return startTimer(at: deadline)
        }
        if parser.isIdle {
            judgeAnswer(at: now)
        } else {
            refuse(.text(.requestTimeout, "the request did not arrive in time"))
        }
    }

    /// No request is being received: the client takes its answer, or is idle.
    private func judgeAnswer(at now: ContinuousClock.Instant) {
        let acknowledged = channel.acknowledgedBytes
        if acknowledged >= channel.queuedBytes, stream == nil {
            guard now < idleDeadline else { return closeAfterFlush() }
            return setDeadline(after: idleDeadline - now)
        }
        idleDeadline = now + timeouts.idle
        if acknowledged >= channel.queuedBytes {
            // It is the disk that is slow.
            answerDeadline = HTTPAnswerDeadline(timeout: timeouts.answer, acknowledged: acknowledged, now: now)
        }
        switch answerDeadline?.judge(acknowledged: acknowledged, at: now) {
        case .wait(let instant): setDeadline(after: instant - now)
        case .giveUp, nil:
            channel.reset()
            finish()
        }
    }

    /// Closes when idle, or after the answer that is due.
    func shutDown() {
        if exchange == nil, stream == nil { closeAfterFlush() }
    }

    private func closeAfterFlush() {
        channel.closeAfterFlush()
        finish()
    }

    private func finish() {
        isOver = true
        exchange = nil
        stream = nil
        backlog = []
        parsed = 0
        heldInput.set(0, in: inputBudget, by: self)
        cancelTimer()
        deadline = nil
        server.forget(self)
    }
}

extension HTTPConnection: InputHolder {
    func resetForInput() {
        let exchange = exchange
        channel.reset()
        finish()
        exchange?.abandon()
    }

    func refuseInput() {
        // An answer within the body of another one would be taken for a part of it.
        guard stream == nil else { return resetForInput() }
        refuse(.text(.serviceUnavailable, "too many requests are arriving at the same time"))
    }
}
