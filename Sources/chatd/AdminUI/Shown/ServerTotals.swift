import Actors

/// What a worker tells about itself: present numbers, and totals since its start.
struct ServerTotals: Equatable {
    /// A kind of event that the dashboard counts.
    struct Kind: Hashable {
        let type: String
        /// The reason of a disconnection.
        var subType: String?
    }

    let serverID: String
    let hostname: String
    let process: Int
    /// The seconds since the start of the process.
    let uptime: Int
    let clients: Int
    let pollingClients: Int
    /// The number of sockets by namespace.
    let sockets: [String: Int]
    /// The totals since the start.
    let totals: [Kind: Int]
}

/// The form between workers.
extension ServerTotals {
    var json: JSONText {
        let totals = totals.sorted { ($0.key.type, $0.key.subType ?? "") < ($1.key.type, $1.key.subType ?? "") }
            .map { kind, count in
                JSONText(array: [
                    JSONText(string: kind.type), kind.subType.map { JSONText(string: $0) } ?? .null,
                    JSONText(integer: count),
                ])
            }
        return [
            "serverId": JSONText(string: serverID), "hostname": JSONText(string: hostname),
            "pid": JSONText(integer: process), "uptime": JSONText(integer: uptime),
            "clientsCount": JSONText(integer: clients), "pollingClientsCount": JSONText(integer: pollingClients),
            "sockets": JSONText(
                object: sockets.sorted { $0.key < $1.key }.map { ($0.key, JSONText(integer: $0.value)) }),
            "totals": JSONText(array: totals),
        ]
    }

    /// - Returns: nil for anything but what ``json`` returns.
    init?(_ value: JSONText) {
        guard let serverID = value["serverId"]?.string, let hostname = value["hostname"]?.string,
            let process = value["pid"]?.integer, let uptime = value["uptime"]?.integer,
            let clients = value["clientsCount"]?.integer, let polling = value["pollingClientsCount"]?.integer,
            let sockets = value["sockets"]?.members, let list = value["totals"]?.elements
        else { return nil }
        var totals: [Kind: Int] = [:]
        for entry in list {
            guard let parts = entry.elements, parts.count == 3, let type = parts[0].string,
                let count = parts[2].integer
            else { return nil }
            totals[Kind(type: type, subType: parts[1].string)] = count
        }
        self.init(
            serverID: serverID, hostname: hostname, process: process, uptime: uptime, clients: clients,
            pollingClients: polling,
            sockets: Dictionary(
                sockets.compactMap { member in member.value.integer.map { (member.name, $0) } },
                uniquingKeysWith: { $1 }),
            totals: totals)
    }
}

/// The form of the dashboard.
extension ServerTotals {
    /// The argument of `server_stats`.
    /// - Parameters:
    ///   - earlier: what the worker told before; nil if nothing, when no events are counted.
    ///   - now: the time since 1970.
    func statistics(since earlier: ServerTotals?, at now: Duration) -> JSONText {
        // The dashboard's columns are seconds.
        let second = JSONText(integer: Int(now / .seconds(1)) * 1000)
        var events: [JSONText] = []
        for (kind, count) in totals.sorted(by: {
            ($0.key.type, $0.key.subType ?? "") < ($1.key.type, $1.key.subType ?? "")
        }) {
            guard let earlier, case let new = count - earlier.totals[kind, default: 0], new > 0 else { continue }
            var members = [("timestamp", second), ("type", JSONText(string: kind.type))]
            if let subType = kind.subType { members.append(("subType", JSONText(string: subType))) }
            events.append(JSONText(object: members + [("count", JSONText(integer: new))]))
        }
        let namespaces = sockets.sorted { $0.key < $1.key }.map { name, count in
            JSONText(object: [("name", JSONText(string: name)), ("socketsCount", JSONText(integer: count))])
        }
        return JSONText(object: [
            ("serverId", JSONText(string: serverID)), ("hostname", JSONText(string: hostname)),
            ("pid", JSONText(integer: process)), ("uptime", JSONText(integer: uptime)),
            ("clientsCount", JSONText(integer: clients)),
            ("pollingClientsCount", JSONText(integer: pollingClients)),
            ("aggregatedEvents", JSONText(array: events)), ("namespaces", JSONText(array: namespaces)),
        ])
    }
}
