import SimulatedMachine

/// What goes wrong.
extension World {
    func faultStep() {
        switch kernel.choices.below(100) {
        case 0..<20: pause()
        case 20..<30: killWorker()
        case 30..<40: killWorkerMidTurn()
        case 40..<60: if let client = kernel.choices.element(of: clients) { dropTransport(of: client) }
        case 60..<75: loseConnection()
        case 75..<88: writeForeignRows()
        case 88..<90: startCompetingServer()
        case 90..<94: signalServer()
        case 94: sleep()
        default: if primary == nil { startAgain() } else if database.survivesRestart { killServer() }
        }
    }

    /// A worker ends in the middle of a turn.
    private func killWorkerMidTurn() {
        guard let worker = kernel.choices.element(of: workerProcesses) else { return }
        killed.insert(worker.id)
        worker.killMidTurn(afterCalls: kernel.choices.below(12))
        record.note(.workerKilledMidTurn)
        record.trace("process \(worker.id) is to be killed inside of a turn")
    }

    private var workerProcesses: [SimulatedProcess] {
        kernel.processes.filter { $0 !== primary && $0 !== portOccupant }
    }

    /// The network loses a connection of a polling client.
    private func loseConnection() {
        let polling = clients.filter { $0.transport is PollingTransport || $0.transport is UpgradingTransport }
        guard let client = kernel.choices.element(of: polling) else { return }
        record.note(.requestLost)
        record.trace("client \(client.number) loses a connection")
        (client.transport as? PollingTransport)?.loseConnection()
        (client.transport as? UpgradingTransport)?.loseConnection()
    }

    private func killWorker() {
        guard let worker = kernel.choices.element(of: workerProcesses) else { return }
        killed.insert(worker.id)
        record.note(.workerKilled)
        record.trace("process \(worker.id) is killed")
        kernel.kill(worker.id)
    }

    private func pause() {
        guard let process = kernel.choices.element(of: kernel.processes) else { return }
        process.isPaused.toggle()
        record.note(process.isPaused ? .workerPaused : .workerResumed)
        record.trace("process \(process.id) is \(process.isPaused ? "stopped" : "continued")")
        if kernel.choices.chance(perMille: 500) { kernel.advance(by: .milliseconds(kernel.choices.below(2000))) }
    }

    /// The whole machine sleeps, longer than a worker may take to start or to stop.
    private func sleep() {
        record.note(.machineSuspended)
        record.trace("the machine sleeps")
        kernel.advance(by: .seconds(kernel.choices.within(5...40)))
    }

    /// Another program writes into the database, or ends what it has begun.
    private func writeForeignRows() {
        database.endForeignTransaction()
        database.writeForeignRows(kernel.choices.within(1...4), isShort: kernel.choices.chance(perMille: 700))
    }

    /// Another server wants the database. The lock refuses it, unless somebody has removed that or it does not reach so far; then
    /// the first one must notice.
    private func startCompetingServer() {
        // One that stops gives the database up before it ends.
        let hasDatabase =
            store != nil && !instance.isStopRequested && !instance.hasStartFailed && !instance.hasLostStore
        guard hasDatabase, database.survivesRestart, disk.transaction == nil else { return }
        switch kernel.choices.below(3) {
        case 0:
            record.note(.secondPrimaryRefused)
            record.require(database.refusesSecondStart(), .singleWriter, "a second server opens the database")
        case 1:
            record.note(.foreignStartRecorded)
            record.trace("a server on another host takes the database")
            database.recordForeignStart(epoch: "foreign \(nextNumber())")
        default:
            record.note(.secondPrimaryStarted)
            record.trace("a second server takes the database")
            database.removeLock()
            startSecondServer()
        }
    }
}
