import Actors
import Cluster
import Glibc
import Synchronization
import Transport

/// Turns what the server and the hub report into lines of the log.
enum LogReports {
    static func hub(_ report: Hub.Report) {
        switch report {
        case .groupFailed(let count, let error):
            complain("error: \(count) messages not stored: \(error)", kind: "group")
        case .pollFailed(let error):
            complain("error: cannot look for messages of other programs: \(error)", kind: "poll")
        case .storeLost(let error):
            Console.log("error: \(error); ending")
            exit(ExitCode.softwareFailure)
        }
    }

    static func server(_ report: ServerReport) {
        switch report {
        case .handlerFailed(let error, let namespace):
            complain("error: a handler of \(namespace) failed: \(error)", kind: "handler of \(namespace)")
        case .historyFailed(let error):
            complain("error: cannot read messages: \(error)", kind: "history")
        case .foreignOffset(let id):
            complain(
                "client \(id) asked for messages beyond the last one: it comes from another database", kind: "foreign")
        }
    }

    private static let limit = Mutex(RepeatLimit())

    private static func complain(_ line: String, kind: String) {
        guard let keptBack = limit.withLock({ $0.admit(kind, at: .now) }) else { return }
        Console.log(keptBack == 0 ? line : line + " (\(keptBack) more like this since the last one)")
    }

    /// All counters in one line.
    static func counters(_ server: Server.Status, _ hub: Hub.Counters) -> String {
        let milliseconds = { (duration: Duration) in duration / .milliseconds(1) }
        let mean = hub.groups == 0 ? 0 : milliseconds(hub.commitTime) / Double(hub.groups)
        var fields: [(String, String)] = [
            ("connections", "\(server.connections)"), ("sessions", "\(server.sessions)"),
            ("sockets", "\(server.sockets)"), ("accepted", "\(server.http.connections)"),
            ("requests", "\(server.http.responses)"), ("messages_in", "\(server.messagesIn)"),
            ("messages_stored", "\(hub.stored)"), ("messages_repeated", "\(hub.repeats)"),
            ("messages_failed", "\(hub.failed)"), ("last_message", "\(hub.lastMessage)"),
            ("events", "\(hub.position)"), ("lost_sessions", "\(hub.lostSessions)"),
            ("logged_events", "\(hub.loggedEvents)"), ("delivery_batches", "\(server.deliveryBatches)"),
            ("slow_readers", "\(server.slowReaders)"), ("pages_read", "\(server.pages)"),
            ("store_queue", "\(hub.waiting)"), ("bytes_in_flight", "\(server.bytesInFlight)"),
            ("store_groups", "\(hub.groups)"), ("store_ms_mean", decimal(mean)),
            ("store_ms_max", decimal(milliseconds(hub.longestCommit))),
            ("refused_descriptors", "\(server.http.connectionsRefused)"),
            ("refused_http", "\(server.http.refusals)"), ("refused_packets", "\(server.parseErrors)"),
        ]
        for (error, count) in server.engine.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            fields.append(("refused_engine_\(error.rawValue)", "\(count)"))
        }
        for (reason, count) in server.engine.ended.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            fields.append(("ended_" + reason.rawValue.split(separator: " ").joined(separator: "_"), "\(count)"))
        }
        return "counters " + fields.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    }

    private static func decimal(_ number: Double) -> String {
        let thousandths = Int((number * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
