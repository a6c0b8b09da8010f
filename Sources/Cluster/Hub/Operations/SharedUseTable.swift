import Actors

/// What the clients of each worker use of limits that all workers share.
struct SharedUseTable {
    private struct Open {
        var connections = 0
        var sessions = 0
    }

    private struct WorkerUse {
        var connections = 0
        var addresses: [String: Open] = [:]
    }

    /// The most addresses that are added up. Beyond it, each worker has its own limit for further ones.
    private static let maxAddresses = 65_536

    private var workers: [Incarnation: WorkerUse] = [:]
    private var connections = 0
    private var addresses: [String: Open] = [:]

    /// True if nothing is known of a worker.
    func isNew(_ worker: Incarnation) -> Bool { workers[worker] == nil }

    /// Notes a worker's report.
    mutating func note(_ use: SharedUse, of worker: Incarnation) {
        var known = workers[worker] ?? WorkerUse()
        connections += use.connections - known.connections
        known.connections = use.connections
        for address in use.addresses {
            let before = known.addresses[address.name]
            let isOpen = address.connections > 0 || address.sessions > 0
            guard before != nil || isOpen else { continue }
            guard addresses[address.name] != nil || addresses.count < Self.maxAddresses else { continue }
            let now = Open(connections: address.connections, sessions: address.sessions)
            add(now, minus: before ?? Open(), to: address.name)
            known.addresses[address.name] = isOpen ? now : nil
        }
        workers[worker] = known
    }

    private mutating func add(_ open: Open, minus before: Open, to name: String) {
        var sum = addresses[name] ?? Open()
        sum.connections += open.connections - before.connections
        sum.sessions += open.sessions - before.sessions
        addresses[name] = sum.connections > 0 || sum.sessions > 0 ? sum : nil
    }

    /// Forgets a worker that is gone.
    /// - Returns: the addresses that it had.
    mutating func remove(_ worker: Incarnation) -> [String]? {
        guard let known = workers.removeValue(forKey: worker) else { return nil }
        connections -= known.connections
        for (name, open) in known.addresses { add(Open(), minus: open, to: name) }
        return known.addresses.keys.sorted()
    }

    /// What is open at all workers but one, at these addresses.
    func elsewhere(than worker: Incarnation, _ names: [String]) -> SharedUse {
        let own = workers[worker]
        return SharedUse(
            connections: connections - (own?.connections ?? 0),
            addresses: names.map { name in
                let (sum, own) = (addresses[name] ?? Open(), own?.addresses[name] ?? Open())
                return SharedUse.Address(
                    name: name, connections: sum.connections - own.connections,
                    sessions: sum.sessions - own.sessions, handshakes: 0)
            })
    }

    /// The addresses at which something is open.
    var names: [String] { addresses.keys.sorted() }
}

extension HubStateMachine {
    /// Tells the other workers what the clients of one use.
    mutating func note(_ use: SharedUse, of incarnation: Incarnation, into output: inout Output) {
        let isNew = sharedUse.isNew(incarnation)
        sharedUse.note(use, of: incarnation)
        for other in attached.sorted() where other != incarnation {
            var elsewhere = sharedUse.elsewhere(than: other, use.addresses.map(\.name))
            for (index, address) in use.addresses.enumerated() {
                elsewhere.addresses[index].handshakes = address.handshakes
            }
            elsewhere.identities = use.identities
            output.append(.usedElsewhere(elsewhere), for: other)
        }
        guard isNew, attached.count > 1 else { return }
        output.append(.usedElsewhere(sharedUse.elsewhere(than: incarnation, sharedUse.names)), for: incarnation)
    }

    /// Tells the other workers that the clients of one are gone.
    mutating func forgetUse(of incarnation: Incarnation, into output: inout Output) {
        guard let names = sharedUse.remove(incarnation) else { return }
        for other in attached.sorted() {
            output.append(.usedElsewhere(sharedUse.elsewhere(than: other, names)), for: other)
        }
    }
}
