import Transport

/// The operator's endpoint, as one loop reaches it.
actor IdentityEndpoint {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let endpoint: HTTPEndpoint
    private let timeout: Duration
    private let maxRooms: Int
    private let addresses: EndpointAddresses
    private var flights: IdentityFlights
    private var cache = IdentityCache()
    private var waiting: [UInt64: CheckedContinuation<IdentityVerdict, Never>] = [:]
    private var lastWaiter: UInt64 = 0

    /// - Parameters:
    ///   - timeout: the longest time from a question to its answer.
    ///   - maxRooms: the largest number of rooms of an answer.
    init(
        _ endpoint: HTTPEndpoint, timeout: Duration, maxRooms: Int, limits: IdentityFlights.Limits, on loop: EventLoop
    ) {
        self.endpoint = endpoint
        self.timeout = timeout
        self.maxRooms = maxRooms
        self.loop = loop
        flights = IdentityFlights(limits: limits)
        addresses = EndpointAddresses(of: endpoint, on: loop)
    }

    /// Asks, unless the answer is known. Clients with the same question share one request.
    func ask(_ question: IdentityQuestion) async -> IdentityVerdict {
        if let verdict = cache.verdict(for: question.key, at: loop.now) { return verdict }
        lastWaiter += 1
        let waiter = lastWaiter
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(question, waiter, continuation)
                // If the task was cancelled before this point, the cancellation handler has found no waiter.
                if Task.isCancelled { giveUp(waiter, question.key) }
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.giveUp(waiter, question.key) } }
        }
    }

    private func begin(
        _ question: IdentityQuestion, _ waiter: UInt64, _ continuation: CheckedContinuation<IdentityVerdict, Never>
    ) {
        let deadline = loop.now + timeout
        switch flights.add(waiter, for: question, deadline: deadline) {
        case .refuse:
            waiting[waiter] = continuation
            dismiss(waiter, .busy, before: deadline)
        case .wait: waiting[waiter] = continuation
        case .send:
            waiting[waiter] = continuation
            send(question, deadline: deadline)
        }
    }

    private func giveUp(_ waiter: UInt64, _ key: IdentityQuestion.Key) {
        flights.remove(waiter, from: key)
        waiting.removeValue(forKey: waiter)?.resume(returning: .unavailable(.noResponse("the server closes")))
    }

    /// A client's question has failed. Clients that are sent away at once return after a second, each with its
    /// question. So this one is answered at a random time before its deadline, unless too many wait already.
    private func dismiss(_ waiter: UInt64, _ failure: HTTPIdentityFailure, before deadline: ContinuousClock.Instant) {
        var generator = MachineRandom(of: loop.machine)
        let left = deadline - loop.now
        guard left > .zero, waiting.count <= flights.limits.waiters else { return answer(waiter, failure) }
        let delay = left * Double.random(in: 0..<1, using: &generator)
        _ = loop.startTimer(after: delay, Dismissal(of: waiter, from: self, because: failure))
    }

    func answer(_ waiter: UInt64, _ failure: HTTPIdentityFailure) {
        waiting.removeValue(forKey: waiter)?.resume(returning: .unavailable(failure))
    }

    private func send(_ question: IdentityQuestion, deadline: ContinuousClock.Instant) {
        let key = question.key
        // It has waited for more than half of its time. If such questions were sent with the little time that is left,
        // an overloaded service would get work that nobody waits for, and answer hardly anyone.
        guard loop.now < deadline - timeout / 2 else { return finish(key, .failure(.timedOut(connected: false))) }
        let exchange = HTTPClientExchange(
            endpoint.post(json: question.body), deadline: deadline, on: loop,
            completion: { result in self.assumeIsolated { $0.finish(key, result) } })
        addresses.connect(exchange)
    }

    private func finish(
        _ key: IdentityQuestion.Key, _ result: Result<HTTPClientResponse, HTTPClientExchange.Failure>
    ) {
        let answer: IdentityAnswer
        switch result {
        case .success(let response): answer = IdentityAnswer(response, maxRooms: maxRooms)
        case .failure(let failure):
            if case .connection = failure { addresses.forget() }
            answer = IdentityAnswer(.noResponse("\(failure)"))
        }
        cache.insert(answer, for: key, at: loop.now)
        let (flight, next) = flights.finish(key)
        for waiter in flight?.waiters ?? [] {
            if case .unavailable(let failure) = answer.verdict, let flight {
                dismiss(waiter, failure, before: flight.deadline)
            } else {
                waiting.removeValue(forKey: waiter)?.resume(returning: answer.verdict)
            }
        }
        // Not from here, because a request may fail at once: the stack would grow with the queue.
        guard let next else { return }
        loop.execute { self.assumeIsolated { $0.send(next.question, deadline: next.deadline) } }
    }
}
