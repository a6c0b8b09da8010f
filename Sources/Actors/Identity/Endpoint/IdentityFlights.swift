/// The requests to the operator's endpoint: which are in flight, which wait, and who waits for each. A value without
/// I/O and clock.
struct IdentityFlights {
    /// What to do about a new question.
    enum Step: Equatable {
        /// Send the request now.
        case send
        /// The request is in flight or will be sent later.
        case wait
        /// Nothing: too many requests wait.
        case refuse
    }

    /// A request of which other clients may share the answer.
    struct Flight {
        let question: IdentityQuestion
        /// The end of the time for the request, of which waiting is a part.
        let deadline: ContinuousClock.Instant
        fileprivate(set) var waiters: [UInt64]
    }

    struct Limits {
        /// The largest number of requests at a time.
        var inFlight = 32
        /// The largest number of requests that wait, and the largest size of their bodies in bytes.
        var waiting = 8192
        var waitingBytes = 32 << 20
        /// The largest number of clients that wait.
        var waiters = 16_384
    }

    let limits: Limits
    private var flights: [IdentityQuestion.Key: Flight] = [:]
    private var queue = Queue<IdentityQuestion.Key>()
    private var queuedBytes = 0
    private var waiterCount = 0
    private(set) var inFlight = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// A client waits for the answer to a question.
    mutating func add(_ waiter: UInt64, for question: IdentityQuestion, deadline: ContinuousClock.Instant) -> Step {
        guard waiterCount < limits.waiters else { return .refuse }
        if flights[question.key] != nil {
            flights[question.key]?.waiters.append(waiter)
            waiterCount += 1
            return .wait
        }
        let isSent = inFlight < limits.inFlight
        if !isSent {
            guard queue.count < limits.waiting, queuedBytes + question.body.count <= limits.waitingBytes else {
                return .refuse
            }
            queue.append(question.key)
            queuedBytes += question.body.count
        } else {
            inFlight += 1
        }
        waiterCount += 1
        flights[question.key] = Flight(question: question, deadline: deadline, waiters: [waiter])
        return isSent ? .send : .wait
    }

    /// A request that was in flight has its answer.
    /// - Returns: the request with those who wait for it, and the request to send next.
    mutating func finish(_ key: IdentityQuestion.Key) -> (flight: Flight?, next: Flight?) {
        guard let flight = flights.removeValue(forKey: key) else { return (nil, nil) }
        inFlight -= 1
        waiterCount -= flight.waiters.count
        return (flight, takeNext())
    }

    /// A client waits no longer. Its request goes on, for the clients that share it.
    mutating func remove(_ waiter: UInt64, from key: IdentityQuestion.Key) {
        guard let index = flights[key]?.waiters.firstIndex(of: waiter) else { return }
        flights[key]?.waiters.remove(at: index)
        waiterCount -= 1
    }

    private mutating func takeNext() -> Flight? {
        while let key = queue.removeFirst() {
            guard let flight = flights[key] else { continue }
            queuedBytes -= flight.question.body.count
            // Nobody waits for it any more.
            guard !flight.waiters.isEmpty else {
                flights[key] = nil
                continue
            }
            inFlight += 1
            return flight
        }
        return nil
    }
}
