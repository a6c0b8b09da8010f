import Transport

extension Worker {
    /// Asks the hub for the selected sockets of all workers.
    /// - Parameters:
    ///   - selection: The sockets.
    ///   - sender: The socket among whose calls the request is ordered; nil to submit it at once.
    ///   - timeout: The maximum time to wait for the answer.
    /// - Throws: ``FetchError``, or `CancellationError` if the task is cancelled.
    func fetch(
        _ selection: SocketSelection, for sender: Socket?, timeout: Duration
    ) async throws -> [FetchedSocket] {
        switch try await fetchAnswer(selection, for: sender, timeout: timeout) {
        case .sockets(let sockets): return sockets
        case .tooLarge(let count): throw FetchError.tooLarge(count: count)
        case .refused, .workers: throw FetchError.refused
        }
    }

    /// Asks the hub for the number of attached workers.
    func countWorkers(timeout: Duration) async throws -> Int {
        guard case .workers(let count) = try await fetchAnswer(nil, for: nil, timeout: timeout) else {
            throw FetchError.refused
        }
        return count
    }

    private func fetchAnswer(
        _ selection: SocketSelection?, for sender: Socket?, timeout: Duration
    ) async throws -> FetchAnswer {
        try Task.checkCancellation()
        guard !hasClosed else { throw FetchError.closed }
        let number = fetches.nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // The worker may have closed while the task changed executors.
                guard !hasClosed else { return continuation.resume(throwing: FetchError.closed) }
                let timer = loop.startTimer(at: loop.now + timeout, FetchTimeout(number: number, worker: self))
                fetches.add(
                    FetchWindow.Fetch(
                        selection: selection, sender: sender, continuation: continuation,
                        timer: LoopBound(timer, to: loop)),
                    number: number)
                // If the task was cancelled before this point, the cancellation handler found no fetch to end.
                if Task.isCancelled { fetchFailed(number, CancellationError()) }
                submitFetches()
            }
        } onCancel: {
            run { $0.fetchFailed(number, CancellationError()) }
        }
    }

    private func submitFetches() {
        while let (number, fetch) = fetches.next() {
            guard let selection = fetch.selection else {
                submit(.countWorkers(number))
                continue
            }
            let request = SocketFetch(number: number, selection: selection, maxBytes: loop.limits.fetchAnswer)
            if let sender = fetch.sender {
                sender.assumeIsolated { $0.submit(.fetch(request, sender: sender.key)) }
            } else {
                submit(.fetch(request, sender: nil))
            }
        }
    }

    /// Handles the hub's answer.
    func fetched(_ number: UInt64, _ answer: FetchAnswer) {
        if let fetch = fetches.answered(number) {
            loop.cancelTimer(fetch.timer.value)
            fetch.continuation.resume(returning: answer)
        }
        submitFetches()
    }

    /// Ends all fetches, because the server closes.
    func endFetches() {
        for number in fetches.numbers { fetchFailed(number, FetchError.closed) }
    }

    func fetchFailed(_ number: UInt64, _ error: any Error) {
        guard let fetch = fetches.end(number) else { return }
        loop.cancelTimer(fetch.timer.value)
        fetch.continuation.resume(throwing: error)
    }

    /// The selected sockets of this worker, in the order of their ids.
    func localSockets(in selection: SocketSelection) -> [FetchedSocket] {
        sockets.recipients(of: selection).sockets.sorted { $0.id < $1.id }.map { socket in
            socket.assumeIsolated { FetchedSocket(id: $0.id, rooms: $0.roomNames.all.sorted(), data: $0.data) }
        }
    }
}

/// Ends the wait for the answer to a fetch at its deadline, or when the loop ends.
private final class FetchTimeout: TimerTarget {
    private let number: UInt64
    private let worker: Worker

    init(number: UInt64, worker: Worker) {
        self.number = number
        self.worker = worker
    }

    func timerFired(at now: ContinuousClock.Instant) {
        worker.assumeIsolated { [number] in $0.fetchFailed(number, FetchError.timedOut) }
    }

    func loopEnded() {
        worker.assumeIsolated { [number] in $0.fetchFailed(number, FetchError.closed) }
    }
}
