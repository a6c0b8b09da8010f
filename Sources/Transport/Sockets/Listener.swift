import Glibc

/// Accepts connections from a listening socket on a loop.
final class Listener: EventHandler, TimerTarget {
    /// How many connections one turn accepts from one socket at most, so that those already there are served too.
    private static let batch = 128
    /// How long the socket is left alone when a connection can be neither accepted nor refused.
    private static let retryDelay = Duration.milliseconds(100)

    private let loop: EventLoop
    private let socket: ListeningSocket
    private let gauge: ChannelGauge
    private var accepted: ((Channel, _ peer: String) -> Void)?
    private var refused: (() -> Void)?
    /// Given up to refuse a connection when the process has no descriptor left; without it the connection would wait
    /// unseen.
    private var spare: CInt?
    private var isOpen = true
    private var timer: EventLoop.TimerToken?

    /// - Parameters:
    ///   - accepted: called with each new connection, not yet started, and its peer's numeric address.
    ///   - refused: called for each connection closed at once because no descriptor is left.
    init(
        _ socket: ListeningSocket, loop: EventLoop, gauge: ChannelGauge,
        accepted: @escaping (Channel, _ peer: String) -> Void, refused: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.socket = socket
        self.gauge = gauge
        self.accepted = accepted
        self.refused = refused
        try loop.register(socket.descriptor, for: .readable, self)
        spare = loop.machine.reserveDescriptor()
    }

    func ready(for events: EventMask) {
        for _ in 0..<Self.batch where isOpen {
            guard acceptOne() else { return }
        }
    }

    /// - Returns: whether there may be more to accept.
    private func acceptOne() -> Bool {
        do {
            let (descriptor, peer) = try loop.machine.accept(from: socket.descriptor)
            accepted?(Channel(accepted: descriptor, loop: loop, gauge: gauge), peer)
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
                rest()
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
        defer {
            self.spare = loop.machine.reserveDescriptor()
            loop.observer?.noted(.connectionRefused)
            refused?()
        }
        guard let (descriptor, _) = try? loop.machine.accept(from: socket.descriptor) else { return false }
        loop.machine.close(descriptor)
        return true
    }

    /// Nothing can be done about those who wait: looking at them in every turn would only keep the others waiting too.
    private func rest() {
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
        // They keep the server, which keeps this listener.
        accepted = nil
        refused = nil
    }

    func loopEnded() {
        close()
    }
}
