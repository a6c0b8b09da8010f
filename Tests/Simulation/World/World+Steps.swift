import SimulatedMachine

/// The steps of a run.
extension World {
    func step() {
        record.time += 1
        noteDisturbance()
        if kernel.choices.chance(perMille: 300) { kernel.advance(by: .microseconds(kernel.choices.below(2000))) }
        if kernel.choices.chance(perMille: settings.faultRate) { return faultStep() }
        for host in hosts where host.primary == nil && kernel.choices.chance(perMille: 5) { return startAgain(host) }
        let signalRate = hosts.contains(where: \.instance.isStopRequested) ? 10 : settings.signalRate
        if kernel.choices.chance(perMille: signalRate) { return signalServer(of: anyHost()) }
        if isStartOrStopWaiting { passTime() }
        if hosts.count > 1 {
            broker.endFaults()
            passTimeOfDisturbance()
            if kernel.choices.chance(perMille: 200), brokerStep() { return }
        }
        switch kernel.choices.below(100) {
        case 0..<30: deliver()
        case 30..<55: run()
        case 55..<70: storeStep()
        case 70..<85: receive()
        default: clientStep()
        }
    }

    /// - Returns: false if there was nothing to do.
    @discardableResult
    private func deliver() -> Bool {
        guard kernel.isNetworkBusy else { return false }
        kernel.deliverOne()
        return true
    }

    @discardableResult
    private func run() -> Bool {
        var runnable = kernel.processes.filter(\.isRunnable)
        if settings.isHubSlow, runnable.count > 1, !runnable.allSatisfy(isPrimary),
            kernel.choices.chance(perMille: 900)
        {
            runnable.removeAll(where: isPrimary)
        }
        guard let process = kernel.choices.element(of: runnable) else { return false }
        kernel.run(process)
        record.require(
            process.idleTurns < 100, .noBusyLoop, "process \(process.id) runs many turns without progress")
        record.require(
            !isPrimary(process) || process.unreadBytes == 0, .workerOutputIsRead,
            "the supervisor leaves \(process.unreadBytes) bytes of an ended worker unread")
        for host in hosts { handleServerExit(of: host) }
        return true
    }

    @discardableResult
    private func storeStep() -> Bool {
        let reader = kernel.choices.element(of: hosts.flatMap(\.readers).filter(\.hasWork))
        if let reader, !hasStoreWork || kernel.choices.chance(perMille: 500) {
            reader.step()
            return true
        }
        guard let store = kernel.choices.element(of: hosts.flatMap(\.stores).filter(\.hasWork)) else { return false }
        store.step()
        return true
    }

    private func brokerStep() -> Bool {
        guard hosts.count > 1, broker.hasWork else { return false }
        broker.step()
        return true
    }

    @discardableResult
    private func receive() -> Bool {
        guard let client = kernel.choices.element(of: clients.filter(\.canRead)) else {
            return false
        }
        client.receive()
        return true
    }

    /// Runs everything that can run, then advances the clock.
    func settlingRound() {
        record.time += 1
        noteDisturbance()
        for host in hosts {
            endPortOccupant(of: host, perMille: 1000)
            host.storeLockedUntil = .zero
        }
        database.endForeignTransaction()
        if hosts.count > 1 {
            broker.endFaults(all: isSettling)
            if isSettling { (database as? SharedDatabase)?.endOutage() }
        }
        for host in hosts where host.primary == nil { startAgain(host) }
        for process in kernel.processes where process.isPaused {
            process.isPaused = false
            inquiries.resumed()
        }
        for client in clients {
            if client.transport == nil { connect(client) } else { client.joinSecondNamespace() }
        }
        for _ in 0..<400 {
            let hasDelivered = deliver()
            let hasRun = run()
            let hasStored = storeStep()
            let hasReceived = receive()
            let hasExchanged = brokerStep()
            for client in clients { client.transport?.flush() }
            guard hasDelivered || hasRun || hasStored || hasReceived || hasExchanged else { break }
        }
        for client in clients { client.checkDeadlines() }
        let isQuiet =
            !kernel.isNetworkBusy && !isDiskBusy && (hosts.count == 1 || !broker.hasWork)
            && !kernel.processes.contains(where: \.isRunnable)
        if isQuiet {
            for client in clients where client.isConnected && client.transport?.hasInput == false {
                client.rows.markCaughtUp()
            }
        }
        // With nothing left to run, only time brings progress.
        kernel.advance(by: .milliseconds(kernel.choices.within(1...(isSettling && isQuiet ? 150 : 50))))
    }

    private var hasStoreWork: Bool { hosts.contains { $0.stores.contains(where: \.hasWork) } }

    private var isDiskBusy: Bool { hasStoreWork || hosts.contains { $0.readers.contains(where: \.hasWork) } }
}
