import CLinux
import Glibc

/// Receives signals on a loop, instead of in a signal handler.
public final class SignalSource: EventHandler {
    private let loop: EventLoop
    private let descriptor: CInt
    private let received: (CInt) -> Void

    /// Blocks signals for the calling thread and the threads that it starts, so that only a ``SignalSource`` receives
    /// them. Call it before the first thread starts.
    public static func block(_ signals: [CInt]) {
        var mask = Self.mask(of: signals)
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    /// Lets signals have their default effect again.
    package static func unblock(_ signals: [CInt]) {
        var mask = Self.mask(of: signals)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// True if this process ignores `signal`. A process started by `nohup` ignores SIGHUP.
    public static func isIgnored(_ signal: CInt) -> Bool {
        clinux_is_ignored(signal) != 0
    }

    /// True if one of `signals`, which must be blocked, is pending.
    public static func isPending(_ signals: [CInt]) -> Bool {
        var pending = sigset_t()
        guard sigpending(&pending) == 0 else { return false }
        return signals.contains { sigismember(&pending, $0) == 1 }
    }

    /// Begins to receive `signals`, which must be blocked. Called on the loop, which retains the source.
    /// - Throws: ``SystemError`` if no descriptor is left.
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
