import Transport

/// The wait of ``SocketServer/run(host:port:workers:onServing:)`` for the end of its server.
struct ServerRun {
    let loop: EventLoop
    let report: @Sendable (ProcessReport) -> Void
    let end: @Sendable (ProcessOutcome) -> Void
    private let outcomes: AsyncStream<ProcessOutcome>

    /// Starts the server's thread.
    /// - Throws: ``SystemError`` if the process has no descriptor or thread left.
    init(onServing: @escaping @Sendable (SocketAddress) -> Void) throws(SystemError) {
        loop = try EventLoop.start(name: "socket.io")
        let (outcomes, ending) = AsyncStream.makeStream(of: ProcessOutcome.self)
        self.outcomes = outcomes
        end = { outcome in
            ending.yield(outcome)
            ending.finish()
        }
        report = { report in
            if case .serving(let address) = report { onServing(address) }
            if let problem = report.problem { ReportOutput.write(problem) }
        }
    }

    /// Runs a server until it has ended.
    /// - Parameters:
    ///   - start: starts the server.
    ///   - stop: stops it; called when the task is cancelled.
    /// - Throws: the reason if the server did not end because of a cancellation.
    func wait(start: @escaping @Sendable () async -> Void, stop: @escaping @Sendable () async -> Void) async throws {
        loop.startTask(start)
        let outcome = await withTaskCancellationHandler {
            // A task of its own, because cancellation must not end the wait before everything is closed.
            await Task { await outcomes.first { _ in true } }.value
        } onCancel: {
            loop.startTask(stop)
        }
        await endLoop()
        switch outcome {
        case .startFailed(let error): throw error
        case .storeLost(let error): throw error
        case .stopped, nil: break
        }
    }

    /// Stops the loop and waits until everything on it is closed.
    private func endLoop() async {
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.atEnd { continuation.resume() }
                loop.stop()
            }
        }
    }
}

extension ProcessReport {
    /// A line about a problem, for the operator of a program that runs a server; nil for other reports.
    fileprivate var problem: String? {
        switch self {
        case .addressMissing(let address): "not listening on \(address): this machine has no such address"
        case .hub(.groupFailed(let count, let error)): "error: \(count) messages could not be stored: \(error)"
        case .hub(.pollFailed(let error)): "error: cannot read messages of other programs: \(error)"
        case .hub(.contestedSession(let id)): "clients claim session \(id) from each other"
        case .supervisor(.overdue(let slot)): "error: worker \(slot) is killed: it took too long to start or to exit"
        case .supervisor(.evicted(let slot, let reason)): "error: worker \(slot) is killed: \(reason)"
        case .supervisor(.ended(let slot, let pid, let end, let delay?)):
            "error: worker \(slot), process \(pid), \(end); its replacement starts in \(delay)"
        case .supervisor(.cannotStart(let slot, let error, let delay?)):
            "error: worker \(slot) cannot be started: \(error); next attempt in \(delay)"
        case .stopOverdue: "stopped before everything was closed: stopping took too long"
        default: nil
        }
    }
}
