import Transport

/// The task of an asynchronous route for one request. It is cancelled when the client disconnects, when the time is up,
/// and when the server closes.
final class RouteTask: TimerTarget {
    /// The request; nil once it is answered or its client has disconnected.
    private var exchange: HTTPExchange?
    private let handler: RouteHandler
    private let loop: EventLoop
    private var task: Task<Void, Never>?
    private var timer: (token: EventLoop.TimerToken, timeout: Duration)?

    init(_ exchange: HTTPExchange, of handler: RouteHandler) {
        self.exchange = exchange
        self.handler = handler
        loop = exchange.loop
    }

    func start(
        _ function: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse, timeout: Duration,
        on tasks: HandlerTasks
    ) {
        guard let exchange else { return }
        exchange.onAbandoned = { [weak self] in self?.abandon() }
        timer = (loop.startTimer(at: loop.now + timeout, self), timeout)
        let request = exchange.request
        let bound = LoopBound(self, to: loop)
        task = tasks.assumeIsolated { tasks in
            tasks.start {
                do {
                    let response = try await function(request)
                    bound.value.finish(.success(response))
                } catch {
                    bound.value.finish(.failure(error))
                }
            }
        }
    }

    private func finish(_ result: Result<HTTPResponse, any Error>) {
        guard let exchange else { return }
        release()
        switch result {
        case .success(let response): exchange.respond(response)
        case .failure(is CancellationError) where task?.isCancelled == true:
            exchange.respond(.text(.serviceUnavailable, "the server is closing"))
        case .failure(let error): handler.fail(exchange, error)
        }
    }

    /// Drops the request and cancels the task.
    private func abandon() {
        release()
        task?.cancel()
    }

    private func release() {
        if let timer { loop.cancelTimer(timer.token) }
        timer = nil
        exchange?.onAbandoned = nil
        exchange = nil
    }

    func timerFired(at now: ContinuousClock.Instant) {
        guard let exchange, let timeout = timer?.timeout else { return }
        timer = nil
        abandon()
        handler.fail(exchange, RouteTimeout(timeout: timeout), status: .serviceUnavailable)
    }

    func loopEnded() {
        timer = nil
        abandon()
    }
}
