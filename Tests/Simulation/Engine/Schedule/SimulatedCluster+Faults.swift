import Actors

/// What goes wrong.
extension SimulatedCluster {
    /// - Returns: whether something went wrong.
    func faultStep() -> Bool {
        switch choices.below(100) {
        case 0..<8: killWorker()
        case 8..<28: killWorkerInsideOfTurn()
        case 28..<42: pauseWorker()
        case 42..<54: timeOut()
        case 54..<74: cut()
        case 74..<93: writeForeignRow()
        case 93..<97: killPrimary()
        default: startSecondPrimary()
        }
    }

    private func killWorker() -> Bool {
        guard let worker = choices.element(of: workers) else { return false }
        record.note(.workerKilled)
        kill(worker, losing: 0)
        return true
    }

    private func killWorkerInsideOfTurn() -> Bool {
        guard let worker = choices.element(of: workers), !worker.isPaused else { return false }
        let written = worker.dieInsideOfTurn()
        guard !worker.isDead else { return true }
        record.note(.killedInsideOfTurn)
        kill(worker, losing: written > 0 ? choices.within(0...written) : 0)
        return true
    }

    private func pauseWorker() -> Bool {
        guard let worker = choices.element(of: workers) else { return false }
        worker.isPaused.toggle()
        record.note(worker.isPaused ? .workerPaused : .workerResumed)
        record.trace("worker \(worker.number) is \(worker.isPaused ? "stopped" : "continued")")
        return true
    }

    /// The worker hears nothing of a client for too long.
    private func timeOut() -> Bool {
        guard let worker = choices.element(of: workers), !worker.isPaused,
            let connection = choices.element(of: worker.connections), !connection.isOver
        else { return false }
        record.note(.timedOutByServer)
        record.trace("worker \(worker.number) ends the connection of client \(connection.client.number)")
        worker.end(connection, losesQueue: choices.chance(700))
        worker.endTurn()
        return true
    }

    /// The network is cut: what it carries is lost, and each side finds out at its time.
    private func cut() -> Bool {
        guard let client = choices.element(of: clients), let connection = client.connection else { return false }
        record.note(.transportCut)
        record.trace("client \(client.number) is cut off")
        connection.leave(keeping: choices.below(2))
        client.disconnected()
        return true
    }

    /// Another program writes into the database.
    private func writeForeignRow() -> Bool {
        guard disk.transaction == nil else { return false }
        record.note(.foreignRow)
        for _ in 0..<choices.within(1...4) {
            let id = disk.lastID + nextGap()
            let row = Disk.Row(id: id, key: nil, content: Array("foreign \(id)".utf8))
            disk.commit([row], lastID: id, by: Self.foreignProcess)
        }
        disk.makeVisible()
        record.trace("another program writes up to \(disk.lastID)")
        return true
    }

    /// The number under which another program commits.
    private static let foreignProcess = 1000

    private func killPrimary() -> Bool {
        guard let primary else {
            startPrimary()
            return true
        }
        kill(primary)
        return true
    }

    /// A second one is refused by the lock, unless somebody has removed that: then the first must notice.
    private func startSecondPrimary() -> Bool {
        guard primary != nil, disk.transaction == nil else { return false }
        guard choices.chance(600) else {
            record.note(.secondPrimaryRefused)
            return true
        }
        record.note(.secondPrimaryStarted)
        startPrimary()
        return true
    }
}
