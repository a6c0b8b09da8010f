import Cluster
import Persistence
import Transport

/// Log lines for a process's own start and end.
extension LogReports {
    static func process(_ report: ProcessReport) {
        switch report {
        case .addressMissing(let address):
            Console.log(
                "not listening on \(address): this machine has no such address", level: .warning, kind: "address")
        case .startFailed(let error): startFailed(error)
        case .serving(let address): Console.announce("server running at \(address.url)")
        case .adminServing(let address): Console.log("metrics at \(address.url)/metrics", kind: "admin")
        case .commandsUnavailable(let error):
            Console.log("chatd admin cannot be used: \(error) (--admin-socket)", level: .warning, kind: "admin")
        case .commandUserRefused(let user):
            Console.log(
                "refused \(user.map { "user \($0)" } ?? "an unknown user") at the socket of chatd admin, which is for "
                    + "this server's user and root", level: .warning, kind: "admin user", .repeated)
        case .ready: break
        case .counters(let server, let hub, let workers):
            Console.log(counters(server, hub, workers), kind: "counters", .answer)
        case .linkEnded(let reason):
            Console.log("the link to the supervisor ended: \(reason)", level: .warning, kind: "link")
        case .stopping: Console.log("stopping", kind: "stop")
        case .stoppingAtOnce: Console.log("stopping at once", kind: "stop")
        case .stopped: Console.log("stopped", kind: "stop")
        case .stopOverdue:
            Console.log(
                "stopped before everything was closed: stopping took too long", level: .warning, kind: "stop")
        case .hub(let report): hub(report)
        case .supervisor(let report): supervisor(report)
        }
    }

    /// Logs each report, and tells the service manager what it means.
    static func process(also service: ServiceManager?) -> @Sendable (ProcessReport) -> Void {
        { report in
            process(report)
            service?.received(report)
        }
    }

    /// Log lines of a worker's process; its supervisor logs the rest.
    static func worker(_ report: ProcessReport) {
        guard case .startFailed(let error) = report else { return process(report) }
        Console.log("error: cannot start: \(Secrets.masked("\(error)"))", kind: "start")
    }

    /// Reads the configuration again, and logs what has changed.
    /// - Returns: false if it is invalid. The workers are then not replaced.
    static func reload(_ configuration: RunningConfiguration) -> Bool {
        do {
            guard let change = try configuration.reload() else { return true }
            Console.configure(configuration.log)
            for line in lines(about: change) { Console.log(line, kind: "configuration") }
            return true
        } catch {
            Console.log(
                "error: \(error); the workers are not replaced, and every option and key keeps its value",
                kind: "configuration")
            return false
        }
    }

    /// The log lines about files that were read again.
    static func lines(about change: RunningConfiguration.Change) -> [String] {
        var lines: [String] = []
        if let file = change.file {
            let changed = change.changed.isEmpty ? "no option has changed" : "new values of \(list(change.changed))"
            lines.append("read \(file) again: \(changed)")
            if !change.needRestart.isEmpty {
                lines.append(
                    "warning: new values of \(list(change.needRestart)) in \(file) need a restart "
                        + "and are not in force")
            }
        }
        if let file = change.keysFile { lines.append("read \(file) again: the keys of tokens have changed") }
        if let file = change.passwordFile { lines.append("read \(file) again: the dashboard's password has changed") }
        return lines + change.warnings.map { "warning: \($0)" }
    }

    private static func list(_ names: [String]) -> String {
        names.joined(separator: ", ")
    }

    /// Prints the only line of a failed start.
    static func startFailed(_ error: any Error) {
        Console.fail("\(Secrets.masked("\(error)"))\(hint(for: error))")
    }

    /// The option that fixes an error.
    static func hint(for error: any Error) -> String {
        switch error {
        case is AdminError: "; choose another --admin-port or --admin-host"
        case is CommandSocket.BindError: "; choose another --admin-socket"
        case let error as ListeningSocket.BindError where error.address.unixPath != nil: "; choose another --listen"
        case is ListeningSocket.BindError: "; choose another --port or --host"
        case is SocketAddress.ResolutionError: "; choose another --host"
        case StoreError.lockedByAnotherWriter: "; stop that process or choose another --db"
        case let error as StoreError where error.cause == .busy: "; end it or choose another --db"
        case StoreError.newerSchema: "; start that chatd, or choose another --db"
        case is StoreError: "; choose another --db"
        case let error as Pages.OptionError: "; choose another --\(error.option)"
        default: ""
        }
    }
}
