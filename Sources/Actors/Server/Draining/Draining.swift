import Transport

/// Sends the clients of a server away, spread over a time, so that they do not all reconnect at once. Used on the
/// server's loop.
final class Draining: TimerTarget {
    /// The time between two groups of clients.
    private static let step = Duration.milliseconds(20)

    private let loop: EventLoop
    private let sessions: [EngineSession]
    private let schedule: DrainSchedule
    private var sent = 0
    private var timer: EventLoop.TimerToken?
    private var completion: CheckedContinuation<Void, Never>?

    /// - Parameter sessions: the open sessions.
    init(_ sessions: [EngineSession], _ plan: DrainPlan, on loop: EventLoop) {
        self.loop = loop
        let atOnce = sessions.filter { plan.sendsPollersAtOnce && $0.transport == .polling }
        for session in atOnce { session.sendAway() }
        self.sessions = plan.sendsPollersAtOnce ? sessions.filter { $0.transport != .polling } : sessions
        schedule = DrainSchedule(count: self.sessions.count, from: loop.now, over: plan.time / 2)
    }

    /// Returns when all clients have been sent away, or after ``end()``.
    func run(isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            guard !loop.hasEnded else { return continuation.resume() }
            completion = continuation
            timerFired(at: loop.now)
        }
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        let due = schedule.due(at: now)
        while sent < due {
            sessions[sent].sendAway()
            sent += 1
        }
        guard sent < sessions.count else { return end() }
        timer = loop.startTimer(at: now + Self.step, self)
    }

    /// Ends the wait. Clients that were not sent away stay connected.
    func end() {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        completion?.resume()
        completion = nil
    }

    func loopEnded() {
        timer = nil
        end()
    }
}
