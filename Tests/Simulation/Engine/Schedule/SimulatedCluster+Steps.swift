import Actors

/// One step of the schedule.
extension SimulatedCluster {
    func step() {
        record.time += 1
        milliseconds += choices.below(12)
        if hasFault(perMille: settings.faultRate), faultStep() { return }
        switch choices.below(100) {
        case 0..<settings.hubShare: hubStep()
        case settings.hubShare..<50: workerTurn()
        case 50..<70: readerTurn()
        case 70..<82: clientStep()
        case 82..<92: storeStep()
        case 92..<96: readerStep()
        default: timeStep()
        }
    }

    private func workerTurn() {
        guard let worker = choices.element(of: workers), !worker.isPaused else { return }
        record.trace("worker \(worker.number) turns")
        _ = worker.turn()
    }

    /// A slow client reads seldom; slow and fast ones change.
    private func readerTurn() {
        guard let client = choices.element(of: clients) else { return }
        if choices.chance(20) { client.isSlow.toggle() }
        guard !client.isSlow || isSettling || choices.chance(60) else { return }
        _ = client.receive()
    }

    private func hubStep() {
        guard let primary = choices.element(of: running) else { return }
        if choices.chance(200), let worker = choices.element(of: dying) { return bury(worker) }
        primary.acceptWrites()
        guard let link = choices.element(of: primary.links) else { return }
        record.trace("hub \(primary.number) reads of worker \(link.worker)")
        primary.read(link, atMost: choices.chance(600) ? choices.within(1...300) : .max)
    }

    var running: [PrimaryModel] { primaries.filter(\.isRunning) }

    private func storeStep() {
        guard let primary = choices.element(of: running) else { return }
        if primary.storeStep(self) { record.trace("store: \(primary.storing.word)") }
    }

    private func readerStep() {
        guard let worker = choices.element(of: workers), let read = worker.reads.first(where: { $0.answer == nil })
        else { return }
        record.trace("worker \(worker.number) reads a page")
        perform(read)
    }

    func perform(_ read: ReadModel) {
        if hasFault(perMille: 150) {
            read.answer = .failed
        } else {
            read.perform(
                on: disk, maxRows: settings.pageRows, maxBytes: settings.pieceLimit,
                isUnbounded: faults.contains(.readsBeyondTheStream))
        }
    }

    private func timeStep() {
        if primary == nil, choices.chance(300) { startPrimary() }
        milliseconds += choices.chance(100) ? choices.within(100...2500) : choices.below(60)
        for primary in running {
            primary.expire()
            primary.poll(self)
        }
        for client in clients { client.checkDeadline() }
    }
}

extension PrimaryModel.Storing {
    /// For the trace.
    var word: String {
        switch self {
        case .idle: "idle"
        case .waiting: "a group waits"
        case .inserted: "inserted"
        case .acknowledged: "acknowledged"
        case .committed: "committed"
        case .visible: "visible"
        case .reported: "reported"
        case .failed: "failed"
        case .lost: "lost"
        case .polled: "polled"
        }
    }
}
