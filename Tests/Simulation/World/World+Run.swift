import Actors
import SimulatedMachine

/// The result of a run.
package struct Outcome: Sendable {
    package let seed: UInt64
    package let violation: Violation?
    package let coverage: Coverage
    package let steps: Int
    /// The trace; empty unless tracing was requested.
    package let trace: [String]
}

/// Runs simulated servers with their clients.
package enum SimulatedServers {
    /// Runs one seed to its end.
    /// - Parameters:
    ///   - hosts: the number of hosts, which the seed chooses from the range. Several share a database and a broker.
    ///   - isSmall: true for a short run, such as in a debug build.
    ///   - isTracing: true to record a trace.
    package static func run(
        seed: UInt64, hosts: ClosedRange<Int> = 1...1, isSmall: Bool = false, isTracing: Bool = false
    ) -> Outcome {
        let world = World(seed: seed, hosts: hosts, isSmall: isSmall, isTracing: isTracing)
        world.run()
        return Outcome(
            seed: seed, violation: world.record.violation, coverage: world.record.coverage, steps: world.record.time,
            trace: world.record.trace)
    }
}

extension World {
    fileprivate func run() {
        while record.time < settings.steps, record.violation == nil { step() }
        if record.violation == nil { settle() }
        if record.violation == nil { checkFinalState() }
        for host in hosts { killServer(of: host) }
        for process in kernel.processes { kernel.kill(process.id) }
        database.remove()
        record.require(
            kernel.leakedProcesses.isEmpty, .settles,
            "the event loops of processes \(kernel.leakedProcesses) are leaked")
    }

    /// Runs without faults until the system is idle with all work done.
    private func settle() {
        record.trace("settling")
        isSettling = true
        kernel.maxDescriptors = .max
        for _ in 0..<1000 where record.violation == nil {
            settlingRound()
            if notSettled.isEmpty { return }
        }
        record.require(record.violation != nil, .settles, notSettled)
    }

    /// The reasons why the system is not idle yet; empty if it is.
    private var notSettled: String {
        var reasons: [String] = []
        for client in clients {
            if client.readRate.isPaused { reasons.append("client \(client.number) does not read") }
            for socket in client.sockets {
                if !socket.isConnected { reasons.append("client \(client.number) is not in \(socket.namespace)") }
                if socket.missingCount > 0 {
                    reasons.append(
                        "client \(client.number) has not received \(socket.missingCount) events of \(socket.namespace)")
                }
            }
            if !client.messages.isIdle { reasons.append("client \(client.number) has unacknowledged messages") }
            let receivedIDs = client.rows.receivedIDs
            if let last = receivedIDs.last, last != disk.rows.last?.id {
                reasons.append("client \(client.number) is at row \(last) of \(disk.rows.last?.id ?? 0)")
            }
            if receivedIDs.isEmpty, !disk.rows.isEmpty, client.kind != .latest {
                reasons.append("client \(client.number) has no rows")
            }
        }
        for host in hosts where host.instance.isStopRequested && host.primary != nil {
            reasons.append("the server\(name(of: host)) has not stopped")
        }
        for process in kernel.processes
        where !isPrimary(process) && !hosts.contains(where: { $0.primary?.id == process.parent }) {
            reasons.append("process \(process.id) still runs")
        }
        for host in hosts {
            if let remainder = host.model.exchange?.remainder { reasons.append(remainder) }
        }
        if questions.openCount > 0 { reasons.append("\(questions.openCount) questions have no outcome") }
        if inquiries.openCount > 0 { reasons.append("\(inquiries.openCount) inquiries have no outcome") }
        let abandonedConnections = kernel.abandonedConnections
        if !abandonedConnections.isEmpty {
            reasons.append("the server keeps connections that clients have closed: \(abandonedConnections)")
        }
        return reasons.joined(separator: ", ")
    }

    // MARK: The end

    private func checkFinalState() {
        database.check()
        checkStore()
        for client in clients { checkOrder(of: client) }
        let cycle = record.sharedOrder.cycle
        record.require(
            cycle == nil, .hostsShareOneOrder, "some host applies each of these before the next one: \(cycle ?? [])")
    }

    private func checkStore() {
        var places: [[UInt8]: Int64] = [:]
        for row in disk.rows where row.key != nil {
            let isUnique = row.content.starts(with: Array("text".utf8))
            if isUnique, let other = places[row.content] {
                record.require(
                    false, .storedOnce,
                    "\(String(decoding: row.content, as: UTF8.self)) is stored as \(other) and \(row.id)")
            }
            places[row.content] = row.id
        }
        for client in clients {
            for message in client.messages.all where message.isAcknowledged {
                record.require(
                    places[message.content] != nil, .acknowledgedIsStored,
                    "client \(client.number): \(String(decoding: message.content, as: UTF8.self)) "
                        + "is acknowledged but not stored"
                )
            }
        }
    }

    /// Checks the order of stored messages. A sender that waits for acknowledgements has one order; others have one
    /// order per connection.
    private func checkOrder(of client: SimulatedClient) {
        var last: (id: Int64, connection: Int?) = (0, nil)
        for message in client.messages.all where message.isUnique && !message.hasFailed {
            guard let row = disk.row(content: message.content) else { continue }
            let isBound = client.kind != .pipelining || message.connection == last.connection
            record.require(
                !isBound || row.id > last.id, .senderOrder,
                "client \(client.number): \(String(decoding: message.content, as: UTF8.self)) is row \(row.id) "
                    + "after row \(last.id)"
            )
            last = (row.id, message.connection)
        }
    }
}
