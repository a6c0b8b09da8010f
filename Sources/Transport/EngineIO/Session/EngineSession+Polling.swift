/// Polling requests: what carries out the decisions of the ``EngineStateMachine`` about them.
extension EngineSession {
    /// The requests of a polling client that have no answer yet.
    struct Requests {
        /// No more repeats of a POST wait for its answer than this; of more, the oldest are dropped.
        static let maxRepeats = 4

        fileprivate(set) var waitingPoll: HTTPExchange?
        /// The POST whose body is being received.
        fileprivate(set) var receivingPost: HTTPExchange?
        /// The POST that has been handled, and its repeats. They are answered when the client is read.
        fileprivate(set) var handledPosts: [HTTPExchange] = []

        mutating func dropPoll() {
            waitingPoll?.drop()
            waitingPoll = nil
        }

        mutating func dropReceiving() {
            receivingPost?.drop()
            receivingPost = nil
        }

        /// The POST whose body is being received is none of the session's any more.
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

    /// - Parameter stamp: nil when the GET is never taken for a repeat.
    func poll(_ exchange: HTTPExchange, _ stamp: RequestStamp?) {
        let actions = machine.pollArrived(
            stamp, at: server.loop.now, judgesHeartbeat: !server.loop.isCatchingUp, progress: progress)
        perform(actions, for: exchange)
        // It may have proved that the last answer arrived, which made room.
        noteDrained()
    }

    func postBegins(_ exchange: HTTPExchange) {
        perform(machine.postBegan(server.stamp(of: exchange)), for: exchange)
    }

    func post(_ exchange: HTTPExchange) {
        let actions = machine.postArrived(
            exchange.request.body, server.stamp(of: exchange), hasBegun: exchange === requests.receivingPost,
            at: server.loop.now, judgesHeartbeat: !server.loop.isCatchingUp, progress: progress)
        perform(actions, for: exchange)
        // A ping that fell due as the request was judged is for the GET that waits.
        if machine.isPollWaiting, !machine.queue.isEmpty { requestFlush() }
    }

    // MARK: Carrying out

    func hold(poll exchange: HTTPExchange?) {
        requests.waitingPoll = exchange
        exchange?.releaseRequest()
        exchange?.onAbandoned = { [weak self] in self?.pollAbandoned() }
    }

    private func pollAbandoned() {
        requests.waitingPoll = nil
        perform(machine.pollAbandoned(at: server.loop.now))
        // The repeat has a deadline of its own, which may come before the timer that runs.
        if !machine.isClosed { restartTimer() }
    }

    func answerPoll(_ payload: [UInt8]) {
        let exchange = requests.waitingPoll
        requests.waitingPoll = nil
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
        // The others are repeats of it, or else its body is that of the next one.
        if requests.handledPosts.isEmpty, requests.receivingPost == nil { postAbandoned() }
    }

    /// Answers the POSTs that have been handled, unless the client is not read: it is to send no more until it is.
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
