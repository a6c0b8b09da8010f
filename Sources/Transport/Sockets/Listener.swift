import CLinux
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
    private var spare: CInt
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
        spare = -1
        try loop.register(socket.descriptor, for: .readable, self)
        spare = clinux_eventfd()
    }

    func ready(for events: EventMask) {
        for _ in 0..<Self.batch where isOpen {
            guard acceptOne() else { return }
        }
    }

    /// - Returns: whether there may be more to accept.
    private func acceptOne() -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { clinux_accept(socket.descriptor, $0, &length) }
        }
        guard descriptor >= 0 else { return handleAcceptError(errno) }
        let peer = SocketAddress.peerHost(of: &storage, length: length)
        accepted?(Channel(accepted: descriptor, loop: loop, gauge: gauge), peer)
        return true
    }

    private func handleAcceptError(_ code: CInt) -> Bool {
        switch code {
        case ECONNABORTED, EINTR, EPROTO:
            return true
        case EMFILE, ENFILE:
            guard spare >= 0 else {
                rest()
                return false
            }
            Glibc.close(spare)
            let descriptor = clinux_accept(socket.descriptor, nil, nil)
            if descriptor >= 0 { Glibc.close(descriptor) }
            spare = clinux_eventfd()
            refused?()
            return descriptor >= 0
        default:
            return false
        }
    }

    /// Nothing can be done about those who wait: looking at them in every turn would only keep the others waiting too.
    private func rest() {
        loop.setInterest([], of: socket.descriptor)
        timer = loop.startTimer(at: loop.now + Self.retryDelay, self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        spare = clinux_eventfd()
        loop.setInterest(.readable, of: socket.descriptor)
    }

    /// Stops accepting and closes the socket.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if let timer { loop.cancelTimer(timer) }
        loop.deregister(socket.descriptor)
        socket.close()
        if spare >= 0 { Glibc.close(spare) }
        spare = -1
        // They keep the server, which keeps this listener.
        accepted = nil
        refused = nil
    }

    func loopEnded() {
        close()
    }
}
