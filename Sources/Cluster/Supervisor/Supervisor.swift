import Transport

/// Starts the workers' processes, watches them, and replaces those that die or hang, or all of them when it is asked
/// to.
package actor Supervisor {
    private static let reapInterval = Duration.milliseconds(10)

    struct Running {
        let slot: Int
        let process: WorkerProcess
        let link: PipeLink
        var isKilled = false
        /// The reason why this process is ended, for the report of a failed replacement.
        var reason: String?
    }

    nonisolated let loop: EventLoop
    private let hub: Hub
    let options: Options
    private let command: @Sendable (WorkerStart) -> WorkerCommandLine
    private var report: @Sendable (Report) -> Void = { _ in }
    private var machine: SupervisorStateMachine
    /// The processes by their numbers.
    private(set) var running: [Int: Running] = [:]
    /// The processes that accept connections and are not asked to exit, by their numbers.
    private var serving: Set<Int> = []
    /// The metrics of the workers.
    var samples = WorkerSamples()
    /// The running question for them.
    var measuring: Task<Void, Never>?
    /// Passes connections between the workers; nil if each has its own port.
    private var exchange: LoopBound<HandoverExchange>?
    /// The end of the latest replacement, for the report.
    private var replacementEnd = ""
    /// True while ``reapWorkers()`` runs.
    private var isReaping = false
    /// The servers that answer for slots without a process.
    var refusals: [Int: RefusingListener] = [:]
    private var timer: LoopBound<EventLoop.TimerToken>?
    /// The number of processes started so far, and of those that ended unexpectedly or could not be started.
    private var starts = 0
    private var restarts = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - hub: the hub that the workers are attached to.
    ///   - loop: the hub's loop. Its thread starts the processes, and the system kills them when that thread ends.
    ///   - command: returns the command line of a worker's process.
    package init(
        loop: EventLoop, hub: Hub, _ options: Options,
        command: @escaping @Sendable (WorkerStart) -> WorkerCommandLine
    ) {
        self.loop = loop
        self.hub = hub
        self.options = options
        self.command = command
        machine = SupervisorStateMachine(slots: options.sockets.count, drainTime: options.drainTime)
    }

    /// Starts every worker.
    /// - Parameter report: called on the loop with each event.
    package func start(report: @escaping @Sendable (Report) -> Void) {
        self.report = report
        if options.sharesPort { exchange = LoopBound(makeExchange(), to: loop) }
        perform(machine.start(at: loop.now))
    }

    private func makeExchange() -> HandoverExchange {
        HandoverExchange(on: loop) { [weak self] number, error in
            self?.assumeIsolated { $0.evict(Int(number.value), .corrupt("\(error)")) }
        }
    }

    /// Replaces every worker's process by a new one, one after the other. If that is in progress, it is done again
    /// afterwards.
    package func replaceWorkers() {
        perform(machine.replaceAll(at: loop.now))
    }

    /// Asks every worker to exit, kills those that do not exit in time, and reports ``Report/stopped`` when all have
    /// ended.
    /// - Parameter isGraceful: true to send the clients away first.
    package func stop(isGraceful: Bool = true) {
        for slot in options.sockets.indices { endRefusal(slot) }
        perform(machine.stop(at: loop.now, isGraceful: isGraceful))
    }

    /// Kills every worker's process, and reaps them. Starts no further process and reports nothing more.
    /// - Parameter timeout: the maximum time to wait for the processes to end.
    func killAll(timeout: Duration = .seconds(1)) async {
        report = { _ in }
        perform(machine.stop(at: loop.now, isGraceful: false))
        for number in running.keys.sorted() { running[number]?.process.kill() }
        let deadline = loop.now + timeout
        childEnded()
        while !running.isEmpty, loop.now < deadline, !loop.hasEnded {
            await loop.pause(for: Self.reapInterval)
            childEnded()
        }
    }

    /// Asks every worker to log its counters.
    package func askForReports() {
        for number in running.keys.sorted() { running[number]?.link.assumeIsolated { $0.askForReport() } }
    }

    /// The counters since the start.
    package var counters: WorkerCounters {
        WorkerCounters(
            starts: starts, restarts: restarts, count: options.sockets.count,
            up: Set(serving.compactMap { running[$0]?.slot }).count, passed: exchange?.value.passed,
            refused: exchange?.value.refused)
    }

    /// Reaps the killed workers. A worker whose link has ended is killed too, although its process is about to end.
    private func reapWorkers() async {
        while running.values.contains(where: \.isKilled), !loop.hasEnded {
            await loop.pause(for: Self.reapInterval)
            childEnded()
        }
        isReaping = false
    }

    /// Reaps the children that have ended. Called for `SIGCHLD`; one signal may mean several children.
    /// - Parameter reapsForeign: true to also reap children that this supervisor did not start. Process 1, or a process
    ///   that replaced a shell, may have such children. It must be false if other code of this process waits for its
    ///   own children.
    package func childEnded(reapingForeign reapsForeign: Bool = false) {
        for number in running.keys.sorted() {
            guard let worker = running[number], let end = worker.process.reap() else { continue }
            running[number] = nil
            worker.link.assumeIsolated { $0.finish() }
            samples.end(number)
            serving.remove(number)
            exchange?.value.remove(WorkerNumber(number))
            let isReplacement = machine.isReplacement(number)
            replacementEnd = worker.reason ?? "\(end)"
            let (actions, delay) = machine.ended(number, at: loop.now)
            if delay != nil { restarts += 1 }
            if !isReplacement || machine.isStopping {
                report(.ended(slot: worker.slot, pid: worker.process.pid, end, restartDelay: delay))
            }
            perform(actions)
        }
        guard reapsForeign else { return }
        loop.machine.reapForeignChildren { pid in running.values.contains { $0.process.pid == pid } }
    }

    // MARK: Actions

    private func perform(_ actions: [SupervisorStateMachine.Action]) {
        for action in actions {
            switch action {
            case .spawn(let slot, let number): spawn(slot, number)
            case .drain(let number, let time):
                serving.remove(number)
                exchange?.value.set(WorkerNumber(number), opensSessions: false)
                let plan = DrainPlan(time: time, sendsPollersAtOnce: !options.sharesPort && !machine.isStopping)
                running[number]?.link.assumeIsolated { $0.drain(plan) }
            case .stop(let number):
                serving.remove(number)
                exchange?.value.set(WorkerNumber(number), opensSessions: false)
                running[number]?.link.assumeIsolated { $0.stop() }
            case .kill(let number): kill(number)
            case .refuse(let slot): refuse(slot)
            case .beginReplacement: report(.replacing)
            case .abandonReplacement(let slot, let oldStays):
                report(.replacementAbandoned(slot: slot, reason: replacementEnd, oldStays: oldStays))
            case .finishReplacement: report(.replacementFinished)
            case .finish:
                exchange?.value.close()
                report(.stopped)
            }
        }
        restartTimer()
    }

    private func kill(_ number: Int) {
        guard running[number] != nil else { return }
        running[number]?.process.kill()
        running[number]?.isKilled = true
        serving.remove(number)
        guard options.reapsWithoutSignals, !isReaping else { return }
        isReaping = true
        loop.startTask { await self.reapWorkers() }
    }

    private func spawn(_ slot: Int, _ number: Int) {
        do {
            try startProcess(in: slot, number)
        } catch {
            let isReplacement = machine.isReplacement(number)
            replacementEnd = "cannot be started: \(error)"
            let (actions, delay) = machine.ended(number, at: loop.now)
            if delay != nil { restarts += 1 }
            if !isReplacement { report(.cannotStart(slot: slot, error, retryDelay: delay)) }
            perform(actions)
        }
    }

    private func startProcess(in slot: Int, _ number: Int) throws(SystemError) {
        let start = WorkerStart(
            slot: slot, number: number, sockets: options.sockets[slot].count, sharesPort: options.sharesPort)
        let (hubEnds, workerEnds) = try PipePair.makeEnds(on: loop.machine, capacity: loop.limits.pipe)
        defer { workerEnds.close() }
        let process: WorkerProcess
        do throws(SystemError) {
            process = try withPassingSocket(of: number) { passing throws(SystemError) in
                try WorkerProcess(
                    executable: options.executable, command: command(start), link: workerEnds, passing: passing,
                    sockets: options.sockets[slot], on: loop.machine)
            }
        } catch {
            hubEnds.close()
            throw error
        }
        starts += 1
        let link = PipeLink(to: hub, on: loop) { [weak self] event in
            self?.assumeIsolated { $0.handle(event, number) }
        }
        running[number] = Running(slot: slot, process: process, link: link)
        report(.started(slot: slot, pid: process.pid))
        link.assumeIsolated { $0.start(hubEnds) }
    }

    /// Calls `start` with the worker's end of a socket pair for passing connections; nil if each worker has its own
    /// port.
    private func withPassingSocket(
        of number: Int, _ start: (CInt?) throws(SystemError) -> WorkerProcess
    ) throws(SystemError) -> WorkerProcess {
        guard let exchange else { return try start(nil) }
        let (own, worker) = try loop.machine.makeSocketPair()
        defer { loop.machine.close(worker) }
        try exchange.value.add(WorkerNumber(number), own)
        do throws(SystemError) {
            return try start(worker)
        } catch {
            exchange.value.remove(WorkerNumber(number))
            throw error
        }
    }

    private func handle(_ event: PipeLink.Event, _ number: Int) {
        // The last metrics of a worker arrive when its process has ended.
        if case .measured(let samples) = event { return self.samples.received(samples, from: number) }
        guard let slot = running[number]?.slot, let pid = running[number]?.process.pid else { return }
        switch event {
        case .serving:
            guard machine.isStarting(number) else { return }
            let isReplacement = machine.isReplacement(number)
            exchange?.value.set(WorkerNumber(number), opensSessions: true)
            serving.insert(number)
            endRefusal(slot)
            report(.serving(slot: slot, pid: pid))
            if isReplacement { report(.replaced(slot: slot)) }
            perform(machine.serving(number, at: loop.now))
        case .evicted(let reason): evict(number, reason)
        case .ended(.endOfFile): perform(machine.evict(number, at: loop.now))
        case .ended(let reason): evict(number, reason)
        case .measured: break
        }
    }

    private func evict(_ number: Int, _ reason: LinkEnd) {
        guard let slot = running[number]?.slot else { return }
        if running[number]?.reason == nil { running[number]?.reason = "was ended: \(reason)" }
        if !machine.isReplacement(number) { report(.evicted(slot: slot, reason)) }
        perform(machine.evict(number, at: loop.now))
    }

    // MARK: Time

    private func restartTimer() {
        if let timer { loop.cancelTimer(timer.value) }
        timer = machine.nextDeadline.map { LoopBound(loop.startTimer(at: $0, self), to: loop) }
    }
}

extension Supervisor: TimerTarget {
    package nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { supervisor in
            supervisor.timer = nil
            let actions = supervisor.machine.due(at: now)
            for case .kill(let number) in actions { supervisor.reportOverdue(number) }
            supervisor.perform(actions)
        }
    }

    private func reportOverdue(_ number: Int) {
        guard let worker = running[number] else { return }
        running[number]?.reason = "did not accept connections in time"
        if !machine.isReplacement(number) { report(.overdue(slot: worker.slot, pid: worker.process.pid)) }
    }
}
