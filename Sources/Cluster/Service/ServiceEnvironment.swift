import Glibc
import Transport

/// The environment variables with which a service manager such as systemd starts a process (sd_notify(3),
/// sd_watchdog_enabled(3), sd_listen_fds(3)).
package struct ServiceEnvironment: Sendable, Equatable {
    /// The most sockets that a service manager may pass.
    static let maxSockets = 1024

    /// The socket of the service manager that receives notifications.
    let notifySocket: SocketAddress?
    /// The service manager restarts the process if it sends no sign of life for this time. nil: it needs none.
    let watchdogTimeout: Duration?
    /// The number of inherited sockets, or the reason why it is invalid.
    private let listening: Result<Int, ServiceError>
    /// Variables that were ignored, one log line each.
    package let notes: [String]

    private static let names = [
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
        "LISTEN_PIDFDID",
    ]

    /// Reads the variables of this process and removes them, so that its children do not use them. Call it before the
    /// process has a second thread.
    package static func take() -> ServiceEnvironment {
        var variables: [String: String] = [:]
        for name in names {
            variables[name] = getenv(name).map { String(cString: $0) }
            unsetenv(name)
        }
        return ServiceEnvironment(variables, processID: getpid())
    }

    /// - Parameter processID: the id of the process that has these variables. Variables for another process, such as a
    ///   parent process, are ignored.
    init(_ variables: [String: String], processID: Int32) {
        var notes: [String] = []
        let socket = variables["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        notifySocket = socket.flatMap { try? SocketAddress(unixPath: $0) }
        if let socket, notifySocket == nil {
            notes.append("ignored NOTIFY_SOCKET=\(socket): neither an absolute path nor @ and a name")
        }
        let isWatched = variables["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        let time = isWatched ? variables["WATCHDOG_USEC"] : nil
        watchdogTimeout = time.flatMap { Int64($0) }.flatMap { $0 > 0 ? .microseconds($0) : nil }
        if let time, watchdogTimeout == nil, time != "0" {
            notes.append("ignored WATCHDOG_USEC=\(time): not a number of microseconds")
        }
        self.notes = notes
        let text = variables["LISTEN_PID"] == "\(processID)" ? variables["LISTEN_FDS"] : nil
        listening = Self.socketCount(text ?? "0")
    }

    private static func socketCount(_ text: String) -> Result<Int, ServiceError> {
        guard let count = Int(text), (0...maxSockets).contains(count) else {
            return .failure(
                ServiceError("LISTEN_FDS: \"\(text)\" is not a whole number from 0 to \(maxSockets)"))
        }
        return .success(count)
    }

    /// The number of listening sockets that the process has inherited, as descriptors from 3 on.
    /// - Throws: ``ServiceError`` if the number is invalid.
    package var socketCount: Int {
        get throws(ServiceError) { try listening.get() }
    }

    /// True if the service manager passes listening sockets, so that the process opens none itself. Their number may
    /// be invalid.
    package var passesSockets: Bool { listening != .success(0) }
}
