/// The checks of one request by the application's hooks, and the work that waits for them.
final class EngineAdmission: TimerTarget {
    private enum State {
        case running(waiting: [(HTTPExchange) -> Void])
        case admitted
        /// The request was refused, or its client has disconnected.
        case ended
    }

    /// Identifies the admission in its server.
    let number: Int
    /// The request, while the checks run.
    private var exchange: HTTPExchange?
    private let server: EngineServer
    private var state = State.running(waiting: [])
    private var task: Task<Void, Never>?
    private var timer: EventLoop.TimerToken?

    init(number: Int, _ exchange: HTTPExchange, server: EngineServer) {
        self.number = number
        self.exchange = exchange
        self.server = server
    }

    /// Calls `proceed` once the request is admitted. It is not called for a request that is refused.
    func whenAdmitted(_ exchange: HTTPExchange, _ proceed: @escaping (HTTPExchange) -> Void) {
        switch state {
        case .running(let waiting): state = .running(waiting: waiting + [proceed])
        case .admitted: proceed(exchange)
        case .ended: break
        }
    }

    /// Runs synchronous checks at once, and the others from the first asynchronous one in a task.
    func run(_ checks: [EngineHooks.Check]) {
        guard let exchange else { return }
        var request = EngineRequest(exchange)
        for (index, check) in checks.enumerated() {
            guard case .synchronous(let check) = check else { return start(checks[index...], request, exchange) }
            do {
                try check(&request)
            } catch {
                return finish(request, error)
            }
        }
        finish(request, nil)
    }

    private func start(
        _ checks: ArraySlice<EngineHooks.Check>, _ request: EngineRequest, _ exchange: HTTPExchange
    ) {
        server.admissions[number] = self
        let loop = server.loop
        timer = loop.startTimer(at: loop.now + server.options.hookTimeout, self)
        exchange.onAbandoned = { [weak self] in self?.abandon() }
        let admission = LoopBound(self, to: loop)
        task = loop.startTask {
            let (request, error) = await EngineHooks.run(checks, for: request)
            admission.value.finish(request, error)
        }
    }

    private func finish(_ request: EngineRequest, _ error: (any Error)?) {
        guard case .running(let waiting) = state, let exchange else { return }
        exchange.fields = request.responseHeaders
        if let error { return reject(EngineRejection(thrown: error)) }
        release()
        state = .admitted
        for proceed in waiting { proceed(exchange) }
    }

    /// Refuses the request and cancels the checks.
    func reject(_ rejection: EngineRejection) {
        guard case .running = state, let exchange else { return }
        abandon()
        server.refuse(exchange, rejection)
    }

    private func abandon() {
        release()
        task?.cancel()
        state = .ended
    }

    private func release() {
        if let timer { server.loop.cancelTimer(timer) }
        timer = nil
        exchange?.onAbandoned = nil
        exchange = nil
        server.admissions[number] = nil
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        reject(.hookTimeout)
    }

    func loopEnded() {
        timer = nil
        abandon()
    }
}
