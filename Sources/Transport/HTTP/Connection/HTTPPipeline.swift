/// Limits the requests of one connection that are handled in a turn, so that a client with many requests in one packet
/// does not keep the loop from the others. The next ones follow after a tick.
struct HTTPPipeline {
    /// The most requests of a connection in a turn. Clients other than attackers rarely send the next request before
    /// the answer to the one before it.
    static let maxRequests = 16

    private var turn: ContinuousClock.Instant?
    private var requests = 0
    private var timer: EventLoop.TimerToken?

    /// Counts a request.
    /// - Parameter now: the beginning of the turn.
    mutating func count(at now: ContinuousClock.Instant) {
        if turn != now { (turn, requests) = (now, 0) }
        requests += 1
    }

    /// True if another request may be handled in this turn. Otherwise the connection resumes in a later one.
    mutating func mayContinue(on connection: HTTPConnection) -> Bool {
        let loop = connection.channel.loop
        guard turn == loop.now, requests >= Self.maxRequests else { return true }
        if timer == nil { timer = loop.startTimer(at: loop.now + EventLoop.tick, Next(connection)) }
        return false
    }

    mutating func end(on loop: EventLoop) {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
    }

    /// Resumes a connection.
    private final class Next: TimerTarget {
        private weak var connection: HTTPConnection?

        init(_ connection: HTTPConnection) {
            self.connection = connection
        }

        func timerFired(at now: ContinuousClock.Instant) {
            guard let connection else { return }
            connection.pipeline.timer = nil
            connection.resume()
        }
    }
}
