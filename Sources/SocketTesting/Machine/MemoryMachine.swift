import Synchronization
import Transport

/// A machine whose sockets exist only in memory, for one event loop. Its clock can be advanced. Everything else is the
/// machine of the process.
final class MemoryMachine: Machine {
    struct State {
        var sockets: [CInt: MemorySocket] = [:]
        var pipes = MemoryPipes()
        /// Descriptors are not used again, so a client never reaches another client's connection.
        var lastDescriptor: CInt = -1
        /// The number of arrivals: connections, bytes, ends and resets.
        private var lastArrival: UInt64 = 0
        var advance = Duration.zero
        var poller: (any Poller)?
        /// True once the loop has ended.
        var hasEnded = false

        mutating func newDescriptor() -> CInt {
            lastDescriptor += 1
            return lastDescriptor
        }

        mutating func newArrival() -> UInt64 {
            lastArrival += 1
            return lastArrival
        }

        mutating func add(_ socket: MemorySocket) -> CInt {
            let descriptor = newDescriptor()
            sockets[descriptor] = socket
            return descriptor
        }
    }

    let state = Mutex(State())
    let idle = IdleWaits()

    // MARK: Time and randomness

    var now: ContinuousClock.Instant { .now + advance }
    var wallClock: Duration { LinuxMachine.shared.wallClock + advance }
    func random() -> UInt64 { LinuxMachine.shared.random() }

    /// The time by which the clock is ahead of the system's clock.
    var advance: Duration { state.withLock { $0.advance } }

    /// Advances the clock.
    func advance(by time: Duration) {
        state.withLock { $0.advance += time }
        wake()
    }

    /// Waits until the loop has nothing left to do.
    /// - Parameters:
    ///   - timeout: The longest time to wait.
    ///   - error: Creates the error of a wait that takes longer.
    func awaitIdle(timeout: Duration, else error: @escaping @Sendable () -> any Error) async throws {
        let wait = Wait<Void>()
        idle.add(wait)
        defer { idle.remove(wait) }
        if state.withLock({ $0.hasEnded }) { wait.end(.success(())) }
        wake()
        try await wait.value(within: timeout, else: error)
    }

    // MARK: For clients

    /// Connects a client.
    /// - Returns: The connection; nil if the server does not listen any more.
    func connect(_ client: any MemoryClient, to listener: CInt) -> CInt? {
        defer { wake() }
        return state.withLock { state in
            guard state.sockets[listener] != nil else { return nil }
            let connection = state.add(MemorySocket(of: client))
            let arrival = state.newArrival()
            state.sockets[listener]?.connect(connection, at: arrival)
            return connection
        }
    }

    /// Sends bytes to the server.
    func send(_ bytes: [UInt8], from connection: CInt) {
        change(connection) { $0.receive(bytes, at: $1) }
    }

    /// Ends the client's side after the bytes that it has sent. The client receives nothing more.
    func end(_ connection: CInt) {
        change(connection) { $0.endInput(at: $1) }
    }

    /// Resets a connection, and drops what the server has not read.
    func resetByClient(_ connection: CInt) {
        change(connection) { $0.reset(at: $1) }
    }

    /// Stops or resumes what the client receives.
    func setHeld(_ isHeld: Bool, _ connection: CInt) {
        change(connection) { socket, _ in socket.isHeld = isHeld }
    }

    private func change(_ connection: CInt, _ body: @Sendable (inout MemorySocket, _ arrival: UInt64) -> Void) {
        state.withLock { state in
            if var socket = state.sockets[connection] {
                body(&socket, state.newArrival())
                state.sockets[connection] = socket.isClosed && socket.client == nil ? nil : socket
            }
        }
        wake()
    }

    private func wake() {
        state.withLock { $0.poller }?.wake()
    }

    /// Forgets every connection. Called after the loop has ended.
    func end() {
        state.withLock { state in
            state.sockets = [:]
            state.poller = nil
            state.hasEnded = true
        }
        _ = idle.end(idle.all)
    }

    // MARK: For the poller

    /// Passes the server's output to the clients.
    /// - Returns: True if there was some.
    func deliver() -> Bool {
        let (deliveries, ended) = state.withLock { state in
            var deliveries: [(CInt, any MemoryClient, [UInt8])] = []
            var ended: [(CInt, any MemoryClient)] = []
            for (descriptor, socket) in state.sockets where !socket.isHeld {
                guard let client = socket.client else { continue }
                if !socket.outgoing.isEmpty {
                    deliveries.append((descriptor, client, socket.outgoing))
                    state.sockets[descriptor]?.outgoing = []
                }
                guard socket.hasServerEnded || socket.isClosed else { continue }
                ended.append((descriptor, client))
                state.sockets[descriptor]?.client = nil
                if socket.isClosed { state.sockets[descriptor] = nil }
            }
            return (deliveries, ended)
        }
        for (_, client, bytes) in deliveries.sorted(by: { $0.0 < $1.0 }) { client.received(bytes) }
        for (_, client) in ended.sorted(by: { $0.0 < $1.0 }) { client.connectionEnded() }
        return !deliveries.isEmpty || !ended.isEmpty
    }

    /// The events that descriptors are ready for, all at one moment: what clients send meanwhile comes later.
    /// - Returns: For each descriptor the events, and when the input of a socket has arrived; nil for a pipe, and
    ///   without input.
    func readiness(of descriptors: [CInt]) -> [(events: EventMask, arrival: UInt64?)] {
        state.withLock { state in descriptors.map { state.readiness(of: $0) } }
    }
}

extension MemoryMachine.State {
    fileprivate func readiness(of descriptor: CInt) -> (events: EventMask, arrival: UInt64?) {
        guard let socket = sockets[descriptor] else { return (pipes.readiness(of: descriptor) ?? [], nil) }
        var events: EventMask = []
        if socket.arrival != nil { events.insert(.readable) }
        if socket.outgoing.count < MemorySocket.capacity { events.insert(.writable) }
        if socket.hasClientEnded { events.insert(.peerClosed) }
        if socket.isReset { events.insert(.failed) }
        return (events, socket.arrival)
    }
}
