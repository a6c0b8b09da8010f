import Actors

/// A turn of a worker's loop: a few inputs, then the link is written, then the clients.
extension WorkerModel {
    /// - Returns: whether anything happened.
    func turn() -> Bool {
        var happened = false
        for _ in 0..<cluster.choices.within(1...4) {
            if takeInput() { happened = true }
            if cluster.choices.chance(50) { writeEagerly() }
        }
        endTurn()
        return happened
    }

    private func takeInput() -> Bool {
        let kind = cluster.choices.below(10)
        switch kind {
        case 0..<4: return readLink()
        case 4..<8: return readClient()
        case 8: return finishRead()
        default: return linkEnded()
        }
    }

    private func readLink() -> Bool {
        guard !link.toWorker.isEmpty else { return false }
        let count = cluster.choices.chance(500) ? cluster.choices.within(1...200) : .max
        link.readAtWorker(count) { apply($0) }
        return true
    }

    /// Behind everything that came by the link, its end: the worker's time is over.
    private func linkEnded() -> Bool {
        guard !link.hasHub, link.toWorker.isEmpty else { return false }
        cluster.workerNoticesEnd(self)
        return true
    }

    private func readClient() -> Bool {
        guard let connection = cluster.choices.element(of: connections), !connection.isOver else { return false }
        guard !connection.toWorker.isEmpty else {
            guard connection.isLeft, !connection.isSilent else { return false }
            end(connection, losesQueue: true)
            return true
        }
        for _ in 0..<cluster.choices.within(1...3) where !connection.toWorker.isEmpty && !connection.isOver {
            receive(connection.toWorker.removeFirst(), on: connection)
        }
        return true
    }

    private func finishRead() -> Bool {
        guard let read = cluster.choices.element(of: reads), read.answer != nil else { return false }
        finish(read)
        return true
    }

    /// A connection with much to write does not wait for the end of the turn.
    private func writeEagerly() {
        guard !link.toHub.isFull, let connection = cluster.choices.element(of: connections), !connection.isHeldBack
        else { return }
        flush(connection)
    }

    private func flush(_ connection: ConnectionModel) {
        if connection.flush(), let socket = connection.socket { advance(socket) }
    }

    func endTurn() {
        guard !isDead else { return }
        link.toHub.accept()
        for replay in lateReplays { replay.socket.replay(replay.events) }
        lateReplays = []
        for _ in 0..<20 {
            for connection in connections where connection.isOverLimit && !connection.isOver {
                cluster.record.note(.overflowed)
                end(connection, losesQueue: true)
            }
            if cluster.faults.contains(.writesClientsFirst) { for connection in connections { flush(connection) } }
            exchange()
            // Clients must not be told of what the hub cannot hear of yet.
            guard !link.toHub.isFull else { return cluster.record.note(.linkHeld) }
            for connection in connections where connection.canFlush { flush(connection) }
            connections.removeAll { ($0.isOver && $0.queue.isEmpty) || ($0.isLeft && $0.isOver) }
            guard hasOperations else { return }
        }
    }

    /// The process is killed in the middle of a turn's writing: part of what the turn tells the hub is on its way, and its
    /// clients know nothing of it.
    /// - Returns: how many bytes of it are on their way at most.
    func dieInsideOfTurn() -> Int {
        for _ in 0..<cluster.choices.within(1...10) { _ = takeInput() }
        guard !isDead else { return 0 }
        if cluster.faults.contains(.writesClientsFirst) { for connection in connections { flush(connection) } }
        return exchange()
    }
}
