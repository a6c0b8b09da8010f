/// What a run has shown.
package struct Outcome: Sendable {
    package let seed: UInt64
    package let violation: Violation?
    package let coverage: Coverage
    package let steps: Int
    /// Empty unless it was asked for.
    package let trace: [String]
}

extension SimulatedCluster {
    /// Runs one seed to its end.
    package static func run(seed: UInt64, faults: Set<Fault> = [], isTracing: Bool = false) -> Outcome {
        let cluster = SimulatedCluster(seed: seed, faults: faults, isTracing: isTracing)
        cluster.run()
        return Outcome(
            seed: seed, violation: cluster.record.violation, coverage: cluster.record.coverage,
            steps: cluster.record.time, trace: cluster.record.trace)
    }

    private func run() {
        while record.time < settings.steps, record.violation == nil { step() }
        guard record.violation == nil else { return }
        settle()
        if record.violation == nil { judgeEnd() }
    }

    // MARK: Settling

    /// Nothing goes wrong any more: everything has to come to rest.
    private func settle() {
        record.trace("settling")
        isSettling = true
        if primary == nil { startPrimary() }
        for worker in workers { worker.isPaused = false }
        for _ in 0..<4000 where record.violation == nil {
            settlingRound()
            if isAtRest { return }
        }
        record.require(record.violation != nil, .settles, unrest)
    }

    /// Everybody gets on a little.
    private func settlingRound() {
        record.time += 1
        milliseconds += choices.below(50)
        if primary == nil { startPrimary() }
        for worker in workers {
            for _ in 0..<4 { _ = worker.turn() }
            for read in worker.reads where read.answer == nil { perform(read) }
        }
        for worker in dying { bury(worker) }
        for primary in running {
            primary.acceptWrites()
            for link in primary.links { primary.read(link, atMost: .max) }
            for _ in 0..<4 { _ = primary.storeStep(self) }
            primary.poll(self)
        }
        for client in clients {
            if client.connection == nil { connect(client) }
            for _ in 0..<4 { _ = client.receive() }
            client.checkDeadline()
        }
    }

    private var isAtRest: Bool { unrest.isEmpty }

    /// What is not at rest.
    private var unrest: String {
        var reasons: [String] = []
        for client in clients {
            if !client.isConnected { reasons.append("client \(client.number) is not connected") }
            if !client.isIdle { reasons.append("client \(client.number) waits for an acknowledgement") }
            if client.missing > 0 { reasons.append("client \(client.number) misses \(client.missing) events") }
            if let last = client.shown.last, last != disk.rows.last?.id {
                reasons.append("client \(client.number) is at \(last) of \(disk.rows.last?.id ?? 0)")
            }
            if client.shown.isEmpty, !disk.rows.isEmpty, client.kind != .latest {
                reasons.append("client \(client.number) has no rows")
            }
        }
        for worker in workers where worker.primary !== primary {
            reasons.append("worker \(worker.number) is of the past")
        }
        if !dying.isEmpty { reasons.append("a worker is not buried") }
        return reasons.joined(separator: ", ")
    }

    // MARK: The end

    private func judgeEnd() {
        judgeStore()
        for client in clients { judgeOrder(of: client) }
    }

    private func judgeStore() {
        var places: [[UInt8]: Int64] = [:]
        for row in disk.rows where row.key != nil {
            let isUnique = row.content.starts(with: Array("text".utf8))
            if isUnique, let other = places[row.content] {
                record.require(
                    false, .storedOnce, "\(String(decoding: row.content, as: UTF8.self)) is \(other) and \(row.id)")
            }
            places[row.content] = row.id
        }
        for client in clients {
            for message in client.messages where message.isAcknowledged {
                record.require(
                    places[message.content] != nil, .acknowledgedIsStored,
                    "\(String(decoding: message.content, as: UTF8.self)) of client \(client.number)")
            }
        }
    }

    /// A sender that waits for each acknowledgement has one order; others have one for each connection.
    private func judgeOrder(of client: ClientModel) {
        var last: (id: Int64, connection: Int?) = (0, nil)
        for message in client.messages where message.isUnique && !message.isGivenUp {
            guard let row = disk.row(content: message.content) else { continue }
            let isBound = client.kind != .pipelining || message.connection == last.connection
            record.require(
                !isBound || row.id > last.id, .senderOrder,
                "client \(client.number): \(String(decoding: message.content, as: UTF8.self)) is \(row.id), behind \(last.id)"
            )
            last = (row.id, message.connection)
        }
    }
}
