import Actors
import Cluster
import Glibc
import Transport

/// Turns what the server and the hub report into lines of the log.
enum LogReports {
    static func hub(_ report: Hub.Report) {
        switch report {
        case .groupFailed(let count, let error):
            Console.log("error: \(count) messages not stored: \(error)")
        case .pollFailed(let error):
            Console.log("error: cannot look for messages of other programs: \(error)")
        case .storeLost(let error):
            Console.log("error: \(error); ending")
            exit(ExitCode.softwareFailure)
        }
    }

    static func server(_ report: ServerReport) {
        switch report {
        case .handlerFailed(let error, let namespace):
            Console.log("error: a handler of \(namespace) failed: \(error)")
        case .historyFailed(let error):
            Console.log("error: cannot read messages: \(error)")
        case .foreignOffset(let id):
            Console.log("client \(id) asked for messages beyond the last one: it comes from another database")
        }
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
            ("store_queue", "\(hub.waiting)"), ("store_queue_bytes", "\(server.messagesInFlight)"),
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
