import Actors
import Cluster
import Persistence
import StaticFiles
import Transport

/// Logs the reports of the server, the hub and the supervisor.
enum LogReports {
    static func hub(_ report: Hub.Report) {
        switch report {
        case _ where report.precedesLoss: break
        case .storeLost: Console.log("\(report)", kind: report.kind)
        case .storeNotice(.reconnected), .storeNotice(.changed), .backplane(.connectedAgain):
            complain("\(report)", kind: report.kind, level: .info)
        case .contestedSession(let id): complain("\(report)", kind: report.kind, about: id)
        case .messageFromFuture: Console.log("\(report)", level: .warning, kind: report.kind)
        case .groupFailed, .pollFailed, .pruningFailed, .storeNotice, .backplane:
            complain("\(report)", kind: report.kind)
        }
    }

    /// Logs a warning if other users can read or write the database that was just opened.
    static func opened(_ store: SQLiteStore) {
        guard let warning = warning(ofMode: store.mode) else { return }
        Console.log("\(store.path) \(warning)", level: .warning, kind: "open database")
    }

    /// - Parameter mode: the permission bits of the database's file; nil if there is no file.
    static func warning(ofMode mode: Int?) -> String? {
        mode.flatMap(users).map { "is open to \($0), and so are the files beside it; chmod 600 makes it private" }
    }

    /// The users beside the owner who can read or write a file with these permission bits; nil if there are none.
    static func users(ofMode mode: Int) -> String? {
        guard mode & 0o077 != 0 else { return nil }
        return (mode & 0o007 != 0 ? "every user of this machine" : "its group") + " (mode \(String(mode, radix: 8)))"
    }

    /// The service of `--auth` could not say who a client is.
    static func identityFailed(_ failure: HTTPIdentityFailure) {
        complain(
            "a client cannot enter now, because the service of --auth gave no usable answer: \(failure)", kind: "auth")
    }

    static func server(_ report: ServerReport) {
        switch report {
        case .handlerFailed(_, let namespace):
            complain("\(report)", kind: "handler of \(namespace)")
        case .historyFailed:
            complain("\(report)", kind: "history")
        case .foreignOffset(let id, let address):
            complain("\(report)", kind: "foreign", about: id, from: address)
        case .refused(.engineRefused(let refused)):
            // The counters have these refusals by code. A line for each would fill the log after a restart, when
            // clients name sessions that have ended.
            Console.log(
                text(of: refused), level: .debug, kind: "refused request",
                fields: [.init("address", refused.request.address, isInMessage: true)], .detail)
        case .refused(let refusal):
            Console.log(text(of: refusal), level: .warning, kind: kind(of: refusal), .occurrence)
        case .reservedEventName:
            complain("\(report)", kind: "reserved name")
        case .routeFailed(let error as FileError, _):
            complain("not served: \(error)", kind: "file")
        case .routeFailed:
            complain("\(report)", kind: "route")
        case .clientRefused(let refused):
            // The counters have them, too.
            Console.log(
                text(of: refused), level: .debug, kind: "refused client",
                fields: [.init("address", refused.address, isInMessage: true)], .detail)
        case .invalidPacket(let error, let id, let address):
            // The counters have them. A line for each would let clients fill the log.
            Console.log(
                text(ofInvalidPacket: error, of: id, from: address), level: .debug, kind: "invalid packet",
                fields: fields(about: id, from: address), .detail)
        case .packetNotSent:
            complain("\(report)", kind: "packet not sent")
        case .inputMemoryExceeded:
            complain("\(report) (--max-input-memory)", kind: "input memory")
        case .tooManyNamespaces:
            complain("\(report)", kind: "namespaces")
        case .tooManyRooms(_, let id, let address):
            complain("\(report)", kind: "rooms", about: id, from: address)
        }
    }

    private static func kind(of refusal: HTTPReport) -> String {
        switch refusal {
        case .originRefused: "origin"
        case .hostRefused: "host"
        case .untrustedProxy, .untrustedProxyHeader: "proxy"
        case .engineRefused: "engine"
        case .limitReached(let limit, _, _): "limit \(limit)"
        }
    }

    /// The refusal, and every way to allow such requests.
    static func text(of refusal: HTTPReport) -> String {
        switch refusal {
        case .originRefused(let origin, let host, let isLast):
            "refused pages of origin \(origin) that connect to host \(host ?? "(none)"): "
                + advice("--cors-origin", origin, isMeaningful: (try? WebOrigin(origin)) != nil)
                + "; if they come from this server through a proxy, make it pass on the Host header "
                + "(nginx: proxy_set_header Host $http_host)" + (isLast ? "; no other origin will be logged" : "")
        case .hostRefused(let host, let isLast):
            "refused requests for host \(host): "
                + advice("--allowed-hosts", host, isMeaningful: HostPattern(host)?.description == host)
                + (isLast ? "; no other host will be logged" : "")
        case .untrustedProxy(let address, let isLast):
            "\(address.isEmpty ? "a peer over a Unix domain socket" : address) forwards the requests of several "
                + "clients, but is not trusted, so that limits and logs cannot tell them apart: "
                + advice(toTrust: address, isLast: isLast)
        case .untrustedProxyHeader(let address, let isLast):
            "refused a connection from \(address.isEmpty ? "a Unix domain socket" : address), which begins with a "
                + "PROXY header, but is not trusted: " + advice(toTrust: address, isLast: isLast)
        case .engineRefused(let refused): text(of: refused)
        case .limitReached(let limit, let address, let count):
            "refused \(count) \(count == 1 ? "client" : "clients")"
                + (address.map { ", the last one from \($0)" } ?? "") + ": \(reason(of: limit))"
        }
    }

    private static func advice(toTrust proxy: String, isLast: Bool) -> String {
        "if it is your proxy, add --trusted-proxies \(proxy.isEmpty ? "unix" : proxy)"
            + (isLast ? "; no other proxy will be logged" : "")
    }

    private static func reason(of limit: ReachedLimit) -> String {
        switch limit {
        case .connections: "there are too many connections (--max-connections)"
        case .addressConnections: "its address has too many connections (--max-address-connections)"
        case .addressSessions: "its address has too many sessions (--max-address-connections)"
        case .handshakes: "its address opens sessions too fast (--handshake-rate)"
        }
    }

    /// The refusal without the session id that the request had, which is a secret.
    static func text(of refused: RefusedEngineRequest) -> String {
        switch refused.context {
        case .sessionID, .usedSessionID:
            "refused a request from \(refused.request.address): \(refused.message) (code \(refused.error.rawValue))"
        default: "\(refused)"
        }
    }

    /// The refusal with the namespace as one word, which a client may have made up.
    static func text(of refused: RefusedClient) -> String {
        refused.text(namespace: word(ofNamespace: refused.namespace))
    }

    /// The line about a packet for which a connection was closed.
    static func text(ofInvalidPacket error: any Error, of id: SessionID?, from address: String) -> String {
        let reason = (error as? ConnectionError)?.text(word) ?? "\(error)"
        let client = id.map { " (client \($0))" } ?? ""
        return "closed a connection from \(address.isEmpty ? "a Unix domain socket" : address)\(client) after \(reason)"
    }

    private static func word(ofNamespace name: String) -> String {
        let isLong = name.utf8.count > maxNamespace
        return LogLine.word(isLong ? String(decoding: name.utf8.prefix(maxNamespace), as: UTF8.self) + "…" : name)
    }

    /// The longest part of a namespace's name in a line, in bytes.
    private static let maxNamespace = 128

    /// Repeats the client's text only if it is a plain name, because an operator may copy the advice to a shell.
    private static func advice(_ option: String, _ value: String, isMeaningful: Bool) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isMeaningful, isPlain, !value.hasPrefix("-") else { return "no option allows them" }
        return "to allow them, start with \(option) \(value)"
    }

    /// Logs a failure that may repeat.
    /// - Parameter id: the socket that the failure is about, which the line names.
    private static func complain(
        _ line: String, kind: String, level: LogLevel = .warning, about id: SessionID? = nil,
        from address: String? = nil
    ) {
        Console.log(line, level: level, kind: kind, fields: fields(about: id, from: address), .repeated)
    }

    /// The fields that name a client, in the format of JSON.
    private static func fields(about id: SessionID?, from address: String?) -> [LogRecord.Field] {
        [("id", id?.description), ("address", address)].compactMap { name, value in
            value.map { LogRecord.Field(name, $0, isInMessage: true) }
        }
    }

    static func supervisor(_ report: Supervisor.Report) {
        switch report {
        case .serving, .stopped: break
        case .cannotStart: complain("\(report)", kind: report.kind)
        case .ended(_, _, _, .some): Console.log("\(report)", level: .warning, kind: report.kind)
        case .started, .overdue, .evicted, .ended, .replacing, .replaced, .replacementAbandoned, .replacementFinished:
            Console.log("\(report)", kind: report.kind)
        }
    }

    /// The counters of a process in one line: those of its worker, its hub and its supervisor, if it has them.
    static func counters(
        _ server: SocketServer.Status?, _ hub: Hub.Counters?, _ workers: WorkerCounters? = nil
    ) -> String {
        line(counterFields(server, hub, workers))
    }

    /// The names and the numbers of the counters.
    static func counterFields(
        _ server: SocketServer.Status?, _ hub: Hub.Counters?, _ workers: WorkerCounters? = nil
    ) -> [(String, String)] {
        (server.map(fields) ?? []) + (hub.map(fields) ?? []) + (workers.map(fields) ?? [])
    }

    private static func fields(_ workers: WorkerCounters) -> [(String, String)] {
        var fields = [("worker_starts", "\(workers.starts)")]
        if let passed = workers.passed { fields.append(("connections_passed_on", "\(passed)")) }
        if let refused = workers.refused { fields.append(("connections_not_passed_on", "\(refused)")) }
        return fields
    }

    private static func line(_ fields: [(String, String)]) -> String {
        let all = fields + [("log_lines_suppressed", "\(Console.suppressedLines)")]
        return "counters " + all.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    }

    private static func fields(_ hub: Hub.Counters) -> [(String, String)] {
        let mean = hub.groups == 0 ? 0 : hub.commitTime / .milliseconds(1) / Double(hub.groups)
        return [
            ("hub_sessions", "\(hub.sessions)"), ("lost_sessions", "\(hub.lostSessions)"),
            ("messages_stored", "\(hub.stored)"), ("messages_repeated", "\(hub.repeats)"),
            ("messages_failed", "\(hub.failed)"), ("messages_deleted", "\(hub.pruned)"),
            ("last_message", "\(hub.lastMessage)"),
            ("events", "\(hub.position)"), ("logged_events", "\(hub.loggedEvents)"),
            ("events_dropped", "\(hub.dropped)"),
            ("store_queue", "\(hub.waiting)"), ("store_groups", "\(hub.groups)"), ("store_ms_mean", decimal(mean)),
            ("store_ms_max", decimal(hub.longestCommit / .milliseconds(1))),
        ]
    }

    private static func fields(_ server: SocketServer.Status) -> [(String, String)] {
        var fields: [(String, String)] = [
            ("connections", "\(server.connections)"), ("sessions", "\(server.sessions)"),
            ("sockets", "\(server.sockets)"), ("accepted", "\(server.http.connections)"),
            ("requests", "\(server.http.responses)"), ("passed_on", "\(server.http.passedOn)"),
            ("taken_over", "\(server.http.takenOver)"), ("messages_in", "\(server.messagesIn)"),
            ("delivery_batches", "\(server.deliveryBatches)"), ("slow_readers", "\(server.slowReaders)"),
            ("pages_read", "\(server.pages)"), ("bytes_in_flight", "\(server.bytesInFlight)"),
            ("refused_descriptors", "\(server.http.connectionsRefused)"),
            ("input_bytes", "\(server.inputBytes)"), ("input_resets", "\(server.input.resets)"),
            ("input_refusals", "\(server.input.refusals)"), ("handshake_bytes", "\(server.handshakeBytes)"),
            ("refused_http", "\(server.http.refusals)"), ("refused_packets", "\(server.parseErrors)"),
        ]
        for (error, count) in server.engine.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            fields.append(("refused_engine_\(error.rawValue)", "\(count)"))
        }
        for reason in RefusedClient.Reason.allCases {
            guard let count = server.refusedClients[reason] else { continue }
            fields.append(("refused_client_\(reason.rawValue)", "\(count)"))
        }
        for (reason, count) in server.engine.ended.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            fields.append(("ended_" + reason.rawValue.split(separator: " ").joined(separator: "_"), "\(count)"))
        }
        return fields
    }

    /// A number with three digits after the point.
    static func decimal(_ number: Double) -> String {
        let thousandths = Int((number * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
