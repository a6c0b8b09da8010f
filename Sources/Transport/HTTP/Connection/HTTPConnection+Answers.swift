/// Sending answers: whole, in pieces, or as a refusal.
extension HTTPConnection {
    func answer(_ exchange: HTTPExchange, with response: HTTPResponse, streaming source: (any HTTPBodySource)?) {
        guard self.exchange === exchange else { return }
        let head = exchange.request.head
        let mustClose =
            isReceivingBody(of: exchange) || !head.isKeepAlive || server.isShuttingDown
            || server.isDraining && response.status.code >= 400
        phase = .idle
        var response = response
        response.headers += server.scopeHeaders(for: head)
        if !exchange.fields.isEmpty { response.headers = exchange.fields.merged(into: response.headers) }
        let start = channel.queuedBytes
        access?.answer(status: response.status.code, after: start)
        let now = channel.loop.now
        answerDeadline = HTTPAnswerDeadline(
            timeout: timeouts.answer, acknowledged: start - channel.pendingBytes, now: now)
        idleDeadline = now + timeouts.idle
        server.counters.responses += 1
        server.counters.countResponse(response.status)
        if let source, source.count > 0, response.status.allowsBody, head.method != .head {
            channel.send(
                response.serializedHead(for: head.version, keepAlive: !mustClose, bodyCount: source.count))
            phase = .streaming(
                HTTPBodyStream(source: source, transfer: HTTPBodyTransfer(count: source.count), mustClose: mustClose))
            setDeadline(after: timeouts.answer / 4)
            return readPiece()
        }
        send(response, to: head, bodyCount: source?.count, keepAlive: !mustClose)
        exchange.answer = ChannelTransfer(on: channel, from: start)
        endAnswer(mustClose: mustClose)
    }

    /// Sends an answer with a complete body. A large body is queued as its own segment, so that it stays shared between
    /// recipients.
    private func send(_ response: HTTPResponse, to head: HTTPRequestHead, bodyCount: Int?, keepAlive: Bool) {
        let hasBody = response.status.allowsBody && head.method != .head
        if hasBody, response.body.count <= LoopBuffers.joinLimit {
            return channel.send(response.serialized(for: head.version, keepAlive: keepAlive))
        }
        channel.send(response.serializedHead(for: head.version, keepAlive: keepAlive, bodyCount: bodyCount))
        if hasBody { channel.send(response.body) }
    }

    private func endAnswer(mustClose: Bool) {
        access?.complete()
        endAccess()
        guard !mustClose, !server.isShuttingDown else { return closeAfterFlush() }
        setDeadline(after: min(timeouts.answer / 4, timeouts.idle))
        if !isParsing { noteInput() }
        requestResume()
    }

    /// Closes at once, without the pending answer.
    func drop(_ exchange: HTTPExchange) {
        guard self.exchange === exchange else { return }
        channel.close()
        finish()
    }

    /// Answers a request that is invalid, late or over a limit, and closes the connection.
    /// - Parameter head: the request's head; nil for that of the request in progress.
    func refuse(_ response: HTTPResponse, to head: HTTPRequestHead? = nil) {
        server.counters.countRefusal(response.status)
        let exchange = exchange
        var response = response
        let head = head ?? exchange?.request.head ?? parser.refusedHead
        reportRefusal(response, to: head)
        if let head {
            response.headers += server.scopeHeaders(for: head)
        }
        channel.send(response.serialized(keepAlive: false, isHead: false))
        closeAfterFlush()
        exchange?.abandon()
    }

    // MARK: Streaming

    func readPiece() {
        guard case .streaming(var stream) = phase else { return }
        let mayRead = stream.transfer.shouldRead(waiting: channel.pendingBytes, limit: channel.loop.limits.lowWater)
        guard mayRead else { return }
        phase = .streaming(stream)
        stream.source.readPiece { [weak self] piece in self?.received(piece) }
    }

    private func received(_ piece: [UInt8]?) {
        guard case .streaming(var stream) = phase else { return }
        let step = stream.transfer.read(piece)
        phase = .streaming(stream)
        switch step {
        case .send(let bytes):
            channel.send(bytes)
            readPiece()
        case .sendLast(let bytes):
            channel.send(bytes)
            phase = .idle
            endAnswer(mustClose: stream.mustClose)
        case .fail:
            closeAfterFlush()
        }
    }
}
