import Actors
import Cluster
import Glibc

/// The counters of a process as a JSON object, with the names of the log's line.
enum CounterLine {
    /// - Parameter process: the name of the process.
    static func json(
        _ server: SocketServer.Status?, _ hub: Hub.Counters?, _ workers: WorkerCounters?, process: String
    ) -> JSONText {
        let values = LogReports.counterFields(server, hub, workers).compactMap { name, text in
            (try? JSONText(validating: Array(text.utf8))).map { (name, $0) }
        }
        return JSONText(object: [("process", JSONText(string: process))] + values)
    }

    /// The counters of a worker.
    static func json(of server: SocketServer) async -> JSONText {
        json(await server.status, nil, nil, process: "\(getpid())")
    }
}
