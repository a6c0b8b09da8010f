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
    private var waiting: [ServiceNotification] = []
    /// True while a timer for the next attempt runs.
    private var isRetrying = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Returns: nil if no service manager expects messages.
    /// - Throws: ``SystemError`` if no descriptor is left.
    package init?(_ environment: ServiceEnvironment, on loop: EventLoop) throws(SystemError) {
        guard let address = environment.notifySocket else { return nil }
        descriptor = try Self.openSocket()
        self.address = address
        self.loop = loop
        // Half of the time, as sd_watchdog_enabled(3) recommends.
        watchdogInterval = environment.watchdogTimeout.map { $0 / 2 }
    }

    deinit {
        close(descriptor)
    }

    private static func openSocket() throws(SystemError) -> CInt {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        return descriptor
    }

    /// Tells the service manager, if there is one, why the process exits before it has a loop.
    package static func startFailed(_ error: any Error, _ environment: ServiceEnvironment) {
        guard let address = environment.notifySocket, let descriptor = try? openSocket() else { return }
        var state = ServiceState()
        for message in state.received(.startFailed(error), at: monotonicTime) {
            _ = send(message.bytes, to: address, on: descriptor)
        }
        close(descriptor)
    }

    /// Begins to send signs of life, from the loop, so that they end when the loop hangs.
    package func start() {
        guard let watchdogInterval else { return }
        if waiting.isEmpty { _ = send(.watchdog) }
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
        guard waiting.isEmpty, send(message) else { return wait(message) }
    }

    /// Keeps a message until the service manager reads. If too many wait, the oldest is lost.
    private func wait(_ message: ServiceNotification) {
        // Of several statuses, only the last one matters.
        if case .status = message, case .status? = waiting.last { waiting.removeLast() }
        if waiting.count == Self.maxWaiting { waiting.removeFirst() }
        waiting.append(message)
        startRetry()
    }

    private func startRetry() {
        guard !isRetrying else { return }
        isRetrying = true
        _ = loop.startTimer(
            after: Self.retryInterval, ServiceTimer { [weak self] in self?.assumeIsolated { $0.retry() } })
    }

    private func retry() {
        isRetrying = false
        while let first = waiting.first, send(first) { waiting.removeFirst() }
        if !waiting.isEmpty { startRetry() }
    }

    private func send(_ message: ServiceNotification) -> Bool {
        Self.send(message.bytes, to: address, on: descriptor)
    }

    /// - Returns: false if the service manager has too many messages to read. A message is lost if it cannot be sent
    ///   for another reason.
    private static func send(_ bytes: [UInt8], to address: SocketAddress, on descriptor: CInt) -> Bool {
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
