import CLinux
import Glibc

/// Receives signals on a loop instead of in a signal handler.
public final class SignalSource: EventHandler {
    private let loop: EventLoop
    private let descriptor: CInt
    private let received: (CInt) -> Void

    /// Blocks signals for the calling thread and all that it starts, so that only a ``SignalSource`` sees them. To be
    /// called before the first thread starts.
    public static func block(_ signals: [CInt]) {
        var mask = Self.mask(of: signals)
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    /// Whether the process was told to ignore a signal, as `nohup` does for SIGHUP before it starts a program.
    public static func isIgnored(_ signal: CInt) -> Bool {
        clinux_is_ignored(signal) != 0
    }

    /// Whether one of `signals`, which must be blocked, has come and nobody has received it.
    public static func isPending(_ signals: [CInt]) -> Bool {
        var pending = sigset_t()
        guard sigpending(&pending) == 0 else { return false }
        return signals.contains { sigismember(&pending, $0) == 1 }
    }

    /// Begins to receive `signals`, which must be blocked. Called on the loop, which keeps the source alive.
    /// - Throws: ``SystemError`` when no descriptor is left.
    @discardableResult
    public init(_ signals: [CInt], on loop: EventLoop, received: @escaping (CInt) -> Void) throws(SystemError) {
        descriptor = try loop.machine.receiveSignals(signals)
        self.loop = loop
        self.received = received
        try loop.register(descriptor, for: .readable, self)
    }

    deinit {
        loop.machine.close(descriptor)
    }

    static func mask(of signals: [CInt]) -> sigset_t {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in signals { sigaddset(&mask, signal) }
        return mask
    }

    func ready(for events: EventMask) {
        while let signal = loop.machine.nextSignal(from: descriptor) { received(signal) }
    }
}
