import Synchronization

/// What a client's thread has read and its test has not taken yet.
final class ClientInbox: Sendable {
    /// Why there is nothing to take.
    enum Failure: Error, Equatable {
        case timedOut
        /// The connection is over, with this code of the server's close frame.
        case ended(code: Int?)
    }

    private struct State {
        var packets: [String] = []
        var taken = 0
        var end: Failure?
        var waiter: (continuation: CheckedContinuation<Void, Never>, deadline: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())

    func add(_ packet: String) {
        let waiter = state.withLock { state in
            state.packets.append(packet)
            return state.waiter.take()
        }
        waiter?.continuation.resume()
    }

    /// Nothing follows what is there.
    func end(code: Int?) {
        let waiter = state.withLock { state in
            if state.end == nil { state.end = .ended(code: code) }
            return state.waiter.take()
        }
        waiter?.continuation.resume()
    }

    /// Lets a test whose time is over go on. Called every now and then.
    func judgeDeadline() {
        let late = state.withLock { state in
            guard let waiter = state.waiter, waiter.deadline <= .now else {
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter.continuation
        }
        late?.resume()
    }

    /// The next packet, as soon as there is one.
    func next() async throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let found: String? = try state.withLock { state throws(Failure) in
                guard state.taken == state.packets.count else {
                    state.taken += 1
                    return state.packets[state.taken - 1]
                }
                if let end = state.end { throw end }
                if ContinuousClock.now >= deadline { throw .timedOut }
                return nil
            }
            if let found { return found }
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.taken == state.packets.count, state.end == nil else { return false }
                    state.waiter = (continuation, deadline)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        }
    }
}
