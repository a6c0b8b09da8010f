import SimulatedMachine
import Transport

/// The faults.
extension World {
    func faultStep() {
        if hosts.count > 1, kernel.choices.chance(perMille: 400) { return hostFaultStep() }
        switch kernel.choices.below(100) {
        case 0..<20: pause()
        case 20..<30: killWorker()
        case 30..<40: killWorkerMidTurn()
        case 40..<60: if let client = kernel.choices.element(of: clients) { dropTransport(of: client) }
        case 60..<75: loseConnection()
        case 75..<88: writeForeignRows()
        case 88..<90: if hosts.count == 1 { startCompetingServer() }
        case 90..<94: signalServer(of: anyHost())
        case 94: sleep()
        default: restart(anyHost())
        }
    }

    /// Kills a server, or starts it again.
    private func restart(_ host: Host) {
        if host.primary == nil { startAgain(host) } else if database.survivesRestart { killServer(of: host) }
    }

    /// Kills a worker in the middle of a turn.
    private func killWorkerMidTurn() {
        guard let worker = kernel.choices.element(of: workerProcesses) else { return }
        killed.insert(worker.id)
        worker.killMidTurn(afterCalls: kernel.choices.below(12))
        record.note(.workerKilledMidTurn)
        record.trace("process \(worker.id) will be killed during a turn")
    }

    /// Sometimes kills a worker that disconnects a client, or pauses the hub's process. Then the hub learns late that
    /// the session has ended. The client may reconnect to another worker before that, or to another host, if the hub
    /// only neglects its workers.
    func disturb(disconnectOn loop: EventLoop) {
        guard injectsFault(perMille: 600), let worker = workerProcesses.first(where: { $0.owns(loop) }) else { return }
        if hosts.count > 1, kernel.choices.chance(perMille: 500) {
            let time = Duration.milliseconds(kernel.choices.within(50...500))
            host(of: worker).primary?.neglectsPipesUntil = kernel.elapsed + time
            return record.trace("the server neglects its pipes when process \(worker.id) disconnects a client")
        }
        guard kernel.choices.chance(perMille: 500) else {
            host(of: worker).primary?.isPaused = true
            record.note(.workerPaused)
            return record.trace("the server's process is stopped when process \(worker.id) disconnects a client")
        }
        killed.insert(worker.id)
        worker.killMidTurn(afterCalls: kernel.choices.within(1...8))
        record.note(.workerKilledMidTurn)
        record.trace("process \(worker.id) will be killed after it has disconnected a client")
    }

    private var workerProcesses: [SimulatedProcess] {
        kernel.processes.filter(isWorker)
    }

    /// Resets a connection of a polling client in the network.
    private func loseConnection() {
        let polling = clients.filter { $0.transport is PollingTransport || $0.transport is UpgradingTransport }
        guard let client = kernel.choices.element(of: polling) else { return }
        record.note(.requestLost)
        record.trace("client \(client.number) loses a connection")
        (client.transport as? PollingTransport)?.loseConnection()
        (client.transport as? UpgradingTransport)?.loseConnection()
    }

    /// Kills a worker, often one whose last output the hub has not read.
    private func killWorker() {
        let unread = workerProcesses.filter(\.hasUnreadOutput)
        let candidates = kernel.choices.chance(perMille: 700) && !unread.isEmpty ? unread : workerProcesses
        guard let worker = kernel.choices.element(of: candidates) else { return }
        killed.insert(worker.id)
        record.note(.workerKilled)
        record.trace("process \(worker.id) is killed")
        kernel.kill(worker.id)
    }

    private func pause() {
        guard let process = kernel.choices.element(of: kernel.processes) else { return }
        process.isPaused.toggle()
        if !process.isPaused { inquiries.resumed() }
        record.note(process.isPaused ? .workerPaused : .workerResumed)
        record.trace("process \(process.id) is \(process.isPaused ? "stopped" : "continued")")
        if kernel.choices.chance(perMille: 500) { kernel.advance(by: .milliseconds(kernel.choices.below(2000))) }
    }

    /// Suspends the whole machine, longer than a worker may take to start or to stop.
    private func sleep() {
        record.note(.machineSuspended)
        record.trace("the machine is suspended")
        kernel.advance(by: .seconds(kernel.choices.within(5...40)))
        inquiries.resumed()
    }

    /// Another program writes to the database, or commits its open transaction.
    private func writeForeignRows() {
        database.endForeignTransaction()
        database.writeForeignRows(kernel.choices.within(1...4), isShort: kernel.choices.chance(perMille: 700))
    }

    /// Another server opens the database. The lock refuses it, unless the lock file was removed or the server runs on
    /// another host. In those cases the first server must detect the successor.
    private func startCompetingServer() {
        // A stopping server closes the database before it exits.
        let host = anyHost()
        let instance = host.instance
        let hasDatabase =
            host.store != nil && !instance.isStopRequested && !instance.hasStartFailed && !instance.hasLostStore
        guard hasDatabase, database.survivesRestart, disk.transaction == nil else { return }
        switch kernel.choices.below(3) {
        case 0:
            record.note(.secondPrimaryRefused)
            record.require(database.refusesSecondStart(), .singleWriter, "a second server opens the database")
        case 1:
            record.note(.foreignStartRecorded)
            record.trace("a server on another host takes over the database")
            database.recordForeignStart(epoch: "foreign \(nextNumber())")
        default:
            startSecondServer(on: host)
        }
    }
}
