import Glibc

/// Accepts connections from a listening socket on a loop.
final class Listener: EventHandler, TimerTarget {
    /// The most connections accepted from one socket in one turn, so that existing connections are served too.
    static let batch = 128
    /// The same if other processes accept from the socket too. Small, so that they take a share of a burst. All idle
    /// processes wake for a connection (no `EPOLLEXCLUSIVE`): if only one woke and was killed before it accepted, the
    /// connection would wait until another one came.
    static let sharedBatch = 8
    /// The pause after a connection could be neither accepted nor refused.
    private static let retryDelay = Duration.milliseconds(100)

    private let loop: EventLoop
    private let socket: ListeningSocket
    private let batch: Int
    private var accepted: ((_ descriptor: CInt, _ peer: String) -> Void)?
    private var refused: (() -> Void)?
    /// A reserved descriptor. When the process has no other left, it is closed so that a connection can be accepted and
    /// closed at once. Otherwise the connection would stay pending and its client would wait.
    private var spare: CInt?
    private var isOpen = true
    private var timer: EventLoop.TimerToken?

    /// Begins to accept connections.
    /// - Parameters:
    ///   - batch: the most connections accepted in one turn.
    ///   - accepted: called with the socket of each new connection, which it owns, and the peer's numeric address.
    ///   - refused: called for each connection closed at once because no descriptor is left.
    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    init(
        _ socket: ListeningSocket, loop: EventLoop, batch: Int = Listener.batch,
        accepted: @escaping (_ descriptor: CInt, _ peer: String) -> Void, refused: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.socket = socket
        self.batch = batch
        self.accepted = accepted
        self.refused = refused
        try loop.register(socket.descriptor, for: .readable, self)
        spare = loop.machine.reserveDescriptor()
    }

    func ready(for events: EventMask) {
        for _ in 0..<batch where isOpen {
            guard acceptOne() else { return }
        }
    }

    /// - Returns: true if more connections may be pending.
    private func acceptOne() -> Bool {
        do {
            let (descriptor, peer) = try loop.machine.accept(from: socket.descriptor)
            if let accepted { accepted(descriptor, peer) } else { loop.machine.close(descriptor) }
            return true
        } catch {
            return handleAcceptError(error.code)
        }
    }

    private func handleAcceptError(_ code: CInt) -> Bool {
        switch code {
        case ECONNABORTED, EINTR, EPROTO:
            return true
        case EMFILE, ENFILE:
            guard let spare else {
                pauseAccepting()
                return false
            }
            return refuseOne(with: spare)
        default:
            return false
        }
    }

    /// Accepts a connection with the spare descriptor, and closes it.
    private func refuseOne(with spare: CInt) -> Bool {
        loop.machine.close(spare)
        defer { self.spare = loop.machine.reserveDescriptor() }
        // The kernel looks for a descriptor first, so there may be no connection.
        guard let (descriptor, _) = try? loop.machine.accept(from: socket.descriptor) else { return false }
        loop.machine.close(descriptor)
        loop.observer?.noted(.connectionRefused)
        refused?()
        return true
    }

    /// Pauses accepting, because pending connections can be neither accepted nor refused. Without the pause, the loop
    /// would report the socket in every turn.
    private func pauseAccepting() {
        loop.setInterest([], of: socket.descriptor)
        timer = loop.startTimer(at: loop.now + Self.retryDelay, self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        spare = loop.machine.reserveDescriptor()
        loop.setInterest(.readable, of: socket.descriptor)
    }

    /// Stops accepting and closes the socket.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if let timer { loop.cancelTimer(timer) }
        loop.deregister(socket.descriptor)
        socket.close()
        if let spare { loop.machine.close(spare) }
        spare = nil
        // The closures retain the server, which retains this listener.
        accepted = nil
        refused = nil
    }

    func loopEnded() {
        close()
    }
}
