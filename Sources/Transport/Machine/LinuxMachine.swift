import CLinux
import Glibc

/// The machine that runs production servers: most methods make one or two system calls.
package final class LinuxMachine: Machine {
    /// The only instance, since it has no state.
    package static let shared = LinuxMachine()

    private init() {}

    package var now: ContinuousClock.Instant { .now }

    package var wallClock: Duration {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    package func makePoller() throws(SystemError) -> any Poller {
        try LinuxPoller()
    }

    // MARK: Descriptors

    package func reserveDescriptor() -> CInt? {
        let descriptor = clinux_eventfd()
        return descriptor >= 0 ? descriptor : nil
    }

    package func duplicate(_ descriptor: CInt) throws(SystemError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError("fcntl") }
        return copy
    }

    package func keepFromChildren(_ descriptor: CInt) throws(SystemError) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0 else { throw SystemError("fcntl") }
    }

    package func close(_ descriptor: CInt) {
        Glibc.close(descriptor)
    }

    /// Repeats a system call while signals interrupt it.
    /// - Parameters:
    ///   - name: the name of the system call, for the error.
    ///   - call: returns a count, or a negative number and sets `errno`.
    static func transfer(_ name: StaticString, _ call: () -> Int) -> IOResult {
        while true {
            let count = call()
            if count >= 0 { return .moved(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(SystemError("\(name)"))
            }
        }
    }
}
