import Transport

/// The loop of ``SocketServer/run(host:port:unixSockets:workers:ports:backplane:onServing:)``, and the wait until
/// its server has ended.
struct ServerRun {
    let loop: EventLoop
    let report: @Sendable (ProcessReport) -> Void
    let end: @Sendable (ProcessOutcome) -> Void
    private let outcomes: AsyncStream<ProcessOutcome>

    /// Starts the server's thread.
    /// - Parameters:
    ///   - isWorker: True to report a failed start. In other processes the program gets the error.
    ///   - onServing: Called with each address.
    /// - Throws: ``SystemError`` if the process has no descriptor or thread left.
    init(
        isWorker: Bool = false, onServing: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) throws(SystemError) {
        loop = try EventLoop.start(name: "socket.io")
        let (outcomes, ending) = AsyncStream.makeStream(of: ProcessOutcome.self)
        self.outcomes = outcomes
        end = { outcome in
            ending.yield(outcome)
            ending.finish()
        }
        report = { report in
            if case .serving(let address) = report { onServing(address) }
            if let problem = report.problem(ofWorker: isWorker) { ReportOutput.write(problem.text, kind: problem.kind) }
        }
    }

    /// Runs a server until it has ended.
    /// - Parameters:
    ///   - start: starts the server.
    ///   - stop: stops it; called when the task is cancelled.
    ///   - release: releases what the server may still hold after its end.
    /// - Throws: the reason if the server did not end because of a cancellation.
    func wait(
        start: @escaping @Sendable () async -> Void, stop: @escaping @Sendable () async -> Void,
        release: @escaping @Sendable () async -> Void = {}
    ) async throws {
        loop.startTask(start)
        let outcome = await withTaskCancellationHandler {
            // A task of its own, because cancellation must not end the wait before everything is closed.
            await Task { await outcomes.first { _ in true } }.value
        } onCancel: {
            loop.startTask(stop)
        }
        await release()
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
    fileprivate func problem(ofWorker isWorker: Bool) -> (kind: String, text: String)? {
        switch self {
        case .addressMissing(let address):
            ("address", "not listening on \(address): this machine has no such address")
        case .startFailed(let error) where isWorker: ("start", "error: cannot start: \(error)")
        case .linkEnded(let reason): ("link", "error: the link to the first process ended: \(reason)")
        case .hub(let report): report.problem
        case .supervisor(let report): report.problem
        case .stopOverdue: ("stop", "stopped before everything was closed: stopping took too long")
        default: nil
        }
    }
}

extension Hub.Report {
    fileprivate var problem: (kind: String, text: String)? {
        switch self {
        // Such an error ends the server, and the program gets it.
        case _ where precedesLoss, .storeLost: nil
        default: (kind, "\(self)")
        }
    }
}

extension Supervisor.Report {
    fileprivate var problem: (kind: String, text: String)? {
        switch self {
        case .started, .serving, .stopped, .ended(_, _, _, nil), .cannotStart(_, _, nil): nil
        case .replacing, .replaced, .replacementFinished: nil
        case .ended: (kind, "error: \(self)")
        case .overdue, .evicted, .cannotStart, .replacementAbandoned: (kind, "\(self)")
        }
    }
}
