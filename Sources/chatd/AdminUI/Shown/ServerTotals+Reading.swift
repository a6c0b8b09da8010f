import Actors
import Glibc
import Transport

extension ServerTotals {
    /// What a server in this process tells about itself.
    /// - Parameters:
    ///   - dashboards: the sockets in the namespace of the dashboards.
    ///   - uptime: the time since the start.
    static func read(_ server: SocketServer, dashboards: Int, uptime: Duration) async -> ServerTotals {
        let status = await server.status
        var totals: [Kind: Int] = [
            Kind(type: "rawConnection"): status.engine.opened,
            Kind(type: "bytesIn"): status.receivedBytes,
            Kind(type: "bytesOut"): status.sentBytes,
            Kind(type: "packetsIn"): status.engine.messages,
        ]
        for (reason, count) in status.engine.ended {
            totals[Kind(type: "rawDisconnection", subType: reason.rawValue)] = count
        }
        let hostname = hostname()
        return ServerTotals(
            serverID: "\(hostname)#\(getpid())", hostname: hostname, process: Int(getpid()),
            uptime: Int(uptime / .seconds(1)), clients: status.sessions,
            pollingClients: status.sessions - status.engine.webSockets,
            sockets: ["/": max(0, status.sockets - dashboards), AdminUI.namespace: dashboards], totals: totals)
    }

    private static func hostname() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
