/// Carries out the decisions of the ``EngineStateMachine`` about polling requests.
extension EngineSession {
    /// The unanswered requests of a polling client.
    struct Requests {
        /// The most copies of a handled POST that wait for an answer. If there are more, the oldest is dropped.
        static let maxRepeats = 4

        fileprivate(set) var waitingPoll: HTTPExchange?
        /// The POST whose body is being received.
        fileprivate(set) var receivingPost: HTTPExchange?
        /// The POST that has been handled, and its repeats. They are answered once the session reads from the client.
        fileprivate(set) var handledPosts: [HTTPExchange] = []

        mutating func dropPoll() {
            waitingPoll?.drop()
            waitingPoll = nil
        }

        mutating func dropReceiving() {
            receivingPost?.drop()
            receivingPost = nil
        }

        /// Detaches the POST whose body is arriving from the session.
        mutating func stopReceiving() {
            receivingPost?.onAbandoned = nil
            receivingPost = nil
        }

        mutating func takePosts() -> [HTTPExchange] {
            defer {
                handledPosts = []
                receivingPost = nil
            }
            return handledPosts + (receivingPost.map { [$0] } ?? [])
        }
    }

    /// Handles a GET.
    /// - Parameter stamp: the stamp of the GET; nil if it must not be treated as a repeat.
    func poll(_ exchange: HTTPExchange, _ stamp: RequestStamp?) {
        let actions = machine.pollArrived(
            stamp, at: server.loop.now, checksHeartbeat: !server.loop.isCatchingUp, progress: progress)
        perform(actions, for: exchange)
        // The GET may have confirmed the last answer, which freed space in the queue.
        noteDrained()
    }

    func postBegins(_ exchange: HTTPExchange) {
        perform(machine.postBegan(server.stamp(of: exchange)), for: exchange)
    }

    func post(_ exchange: HTTPExchange) {
        transfers.total.received += exchange.request.body.count
        let actions = machine.postArrived(
            exchange.request.body, server.stamp(of: exchange), hasBegun: exchange === requests.receivingPost,
            at: server.loop.now, checksHeartbeat: !server.loop.isCatchingUp, progress: progress)
        perform(actions, for: exchange)
        noteOtherPackets()
        // The heartbeat check may have queued a ping, which the waiting GET can deliver.
        if machine.isPollWaiting, !machine.queue.isEmpty { requestFlush() }
    }

    // MARK: Actions

    func hold(poll exchange: HTTPExchange?) {
        requests.waitingPoll = exchange
        exchange?.releaseRequest()
        exchange?.onAbandoned = { [weak self] in self?.pollAbandoned() }
    }

    private func pollAbandoned() {
        requests.waitingPoll = nil
        perform(machine.pollAbandoned(at: server.loop.now))
        // The deadline for the repeat may be earlier than the running timer.
        if !machine.isClosed { restartTimer() }
    }

    func answerPoll(_ payload: [UInt8]) {
        let exchange = requests.waitingPoll
        requests.waitingPoll = nil
        transfers.total.sent += payload.count
        exchange?.respond(pollResponse(payload))
        transfers.answered(exchange?.answer, at: server.loop.now)
        noteDrained()
    }

    func pollResponse(_ payload: [UInt8]) -> HTTPResponse {
        server.response(.ok, "text/plain; charset=UTF-8", payload)
    }

    func receive(post exchange: HTTPExchange?) {
        requests.receivingPost = exchange
        transfers.bodyBegins()
        exchange?.onAbandoned = { [weak self] in
            self?.requests.receivingPost = nil
            self?.postAbandoned()
        }
    }

    private func postAbandoned() {
        perform(machine.postAbandoned(at: server.loop.now))
        if !machine.isClosed { restartTimer() }
    }

    func answer(post exchange: HTTPExchange?) {
        if exchange === requests.receivingPost { requests.receivingPost = nil }
        if let exchange {
            requests.handledPosts.append(exchange)
            exchange.onAbandoned = { [weak self, weak exchange] in self?.handledPostAbandoned(exchange) }
            if requests.handledPosts.count > Requests.maxRepeats { requests.handledPosts.removeFirst().drop() }
        }
        answerPosts()
    }

    private func handledPostAbandoned(_ exchange: HTTPExchange?) {
        requests.handledPosts.removeAll { $0 === exchange }
        // The remaining handled POSTs are repeats of this one and still have their connections. If a body is arriving,
        // it belongs to the next POST, which must not be abandoned.
        if requests.handledPosts.isEmpty, requests.receivingPost == nil { postAbandoned() }
    }

    /// Answers the handled POSTs. While the session does not read from the client, their answers are withheld, so that
    /// the client sends no more.
    func answerPosts() {
        guard !requests.handledPosts.isEmpty else { return }
        guard isReading else {
            for exchange in requests.handledPosts { exchange.releaseRequest() }
            return
        }
        machine.postAnswered()
        let posts = requests.handledPosts
        requests.handledPosts = []
        for exchange in posts { exchange.respond(server.response(.ok, "text/html", Array("ok".utf8))) }
    }

    func refuse(_ exchange: HTTPExchange?, _ error: EngineError) {
        if exchange === requests.receivingPost { requests.receivingPost = nil }
        server.refuse(exchange, error)
    }
}
