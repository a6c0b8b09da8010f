import Glibc
import Transport

/// The service manager that has started this process, such as systemd (sd_notify(3)). It learns when clients can
/// connect, when the server stops, and that the loop still runs.
package actor ServiceManager {
    /// The most messages that wait while the service manager does not read.
    private static let maxWaiting = 16
    /// The time between attempts to send them.
    private static let retryInterval = Duration.milliseconds(20)

    private nonisolated let loop: EventLoop
    private let address: SocketAddress
    private let descriptor: CInt
    /// The time between two signs of life; nil to send none.
    private let watchdogInterval: Duration?
    private var state = ServiceState()
    private var waiting: [[UInt8]] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Returns: nil if no service manager expects messages.
    /// - Throws: ``SystemError`` if no descriptor is left.
    package init?(_ environment: ServiceEnvironment, on loop: EventLoop) throws(SystemError) {
        guard let address = environment.notifySocket else { return nil }
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        self.address = address
        self.loop = loop
        // Half of the time, as sd_watchdog_enabled(3) recommends.
        watchdogInterval = environment.watchdogTimeout.map { $0 / 2 }
    }

    deinit {
        close(descriptor)
    }

    /// Begins to send signs of life, from the loop, so that they end when the loop hangs.
    package func start() {
        guard let watchdogInterval else { return }
        if waiting.isEmpty { _ = send(ServiceNotification.watchdog.bytes) }
        _ = loop.startTimer(
            after: watchdogInterval, ServiceTimer { [weak self] in self?.assumeIsolated { $0.start() } })
    }

    /// Tells the service manager what a report means for it. Called on the loop.
    package nonisolated func received(_ report: ProcessReport) {
        assumeIsolated { manager in
            for message in manager.state.received(report, at: Self.monotonicTime) { manager.notify(message) }
        }
    }

    private func notify(_ message: ServiceNotification) {
        guard waiting.isEmpty, send(message.bytes) else { return wait(message.bytes) }
    }

    /// Keeps a message until the service manager reads.
    private func wait(_ bytes: [UInt8]) {
        guard waiting.count < Self.maxWaiting else { return }
        waiting.append(bytes)
        if waiting.count == 1 { startRetry() }
    }

    private func startRetry() {
        _ = loop.startTimer(
            after: Self.retryInterval, ServiceTimer { [weak self] in self?.assumeIsolated { $0.retry() } })
    }

    private func retry() {
        while let first = waiting.first, send(first) { waiting.removeFirst() }
        if !waiting.isEmpty { startRetry() }
    }

    /// - Returns: false if the service manager has too many messages to read. A message is lost if it cannot be sent
    ///   for another reason.
    private func send(_ bytes: [UInt8]) -> Bool {
        let count = address.withSockaddr { sockaddr, size in
            sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), sockaddr, size)
        }
        return count >= 0 || errno != EAGAIN
    }

    private static var monotonicTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Calls a function when a timer fires.
private final class ServiceTimer: TimerTarget {
    private let fired: () -> Void

    init(_ fired: @escaping () -> Void) {
        self.fired = fired
    }

    func timerFired(at now: ContinuousClock.Instant) {
        fired()
    }
}
