import Transport

/// Starts the workers' processes, watches them, and replaces those that die or hang.
package actor Supervisor {
    /// The configuration of a worker's process.
    package struct Worker: Sendable {
        /// The listening sockets. They stay open in this process, so that the worker's successor inherits them too.
        package let sockets: [ListeningSocket]
        /// The command line of the process.
        package let command: WorkerCommandLine

        /// Creates the configuration of a worker. The properties explain the parameters.
        package init(sockets: [ListeningSocket], command: WorkerCommandLine) {
            self.sockets = sockets
            self.command = command
        }
    }

    private static let reapInterval = Duration.milliseconds(10)

    private struct Running {
        let process: WorkerProcess
        let link: PipeLink
        var isKilled = false
    }

    private nonisolated let loop: EventLoop
    private let hub: Hub
    private let executable: String
    private let workers: [Worker]
    private let reapsWithoutSignals: Bool
    private var report: @Sendable (Report) -> Void = { _ in }
    private var machine: SupervisorStateMachine
    private var running: [Int: Running] = [:]
    /// True while ``reapWorkers()`` runs.
    private var isReaping = false
    /// The servers that answer for slots without a process.
    private var refusals: [Int: RefusingListener] = [:]
    private var timer: LoopBound<EventLoop.TimerToken>?
    /// The number of processes started so far.
    package private(set) var starts = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - hub: the hub that the workers are attached to.
    ///   - loop: the hub's loop. Its thread starts the processes, and the system kills them when that thread ends.
    ///   - executable: the path of the program that the workers run.
    ///   - workers: the configuration of each slot's worker.
    ///   - reapsWithoutSignals: true to notice ended processes by the end of their link. If false, the caller must call
    ///     ``childEnded(reapingForeign:)`` for `SIGCHLD`.
    package init(
        loop: EventLoop, hub: Hub, executable: String, workers: [Worker], reapsWithoutSignals: Bool = false
    ) {
        self.loop = loop
        self.hub = hub
        self.executable = executable
        self.workers = workers
        self.reapsWithoutSignals = reapsWithoutSignals
        machine = SupervisorStateMachine(slots: workers.count)
    }

    /// Starts every worker.
    /// - Parameter report: called on the loop with each event.
    package func start(report: @escaping @Sendable (Report) -> Void) {
        self.report = report
        perform(machine.start(at: loop.now))
    }

    /// Asks every worker to exit, kills those that do not exit in time, and reports ``Report/stopped`` when all have
    /// ended.
    package func stop() {
        perform(machine.stop(at: loop.now))
    }

    /// Kills every worker's process, and reaps them. Starts no further process and reports nothing more.
    /// - Parameter timeout: the maximum time to wait for the processes to end.
    func killAll(timeout: Duration = .seconds(1)) async {
        report = { _ in }
        perform(machine.stop(at: loop.now))
        for worker in running.values { worker.process.kill() }
        let deadline = loop.now + timeout
        childEnded()
        while !running.isEmpty, loop.now < deadline, !loop.hasEnded {
            await loop.pause(for: Self.reapInterval)
            childEnded()
        }
    }

    /// Asks every worker to log its counters.
    package func askForReports() {
        for slot in workers.indices { running[slot]?.link.assumeIsolated { $0.askForReport() } }
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
        for slot in workers.indices {
            guard let worker = running[slot], let end = worker.process.reap() else { continue }
            running[slot] = nil
            worker.link.assumeIsolated { $0.finish() }
            let (actions, delay) = machine.ended(slot, at: loop.now)
            report(.ended(slot: slot, pid: worker.process.pid, end, restartDelay: delay))
            perform(actions)
        }
        guard reapsForeign else { return }
        loop.machine.reapForeignChildren { pid in running.values.contains { $0.process.pid == pid } }
    }

    // MARK: Actions

    private func perform(_ actions: [SupervisorStateMachine.Action]) {
        for action in actions {
            switch action {
            case .spawn(let slot): spawn(slot)
            case .stop(let slot): running[slot]?.link.assumeIsolated { $0.stop() }
            case .kill(let slot): kill(slot)
            case .refuse(let slot): refuse(slot)
            case .finish:
                for slot in workers.indices { endRefusal(slot) }
                report(.stopped)
            }
        }
        restartTimer()
    }

    private func kill(_ slot: Int) {
        guard running[slot] != nil else { return }
        running[slot]?.process.kill()
        running[slot]?.isKilled = true
        guard reapsWithoutSignals, !isReaping else { return }
        isReaping = true
        loop.startTask { await self.reapWorkers() }
    }

    private func spawn(_ slot: Int) {
        do {
            try startProcess(in: slot)
        } catch {
            let (actions, delay) = machine.ended(slot, at: loop.now)
            report(.cannotStart(slot: slot, error, retryDelay: delay))
            perform(actions)
        }
    }

    private func startProcess(in slot: Int) throws(SystemError) {
        let (hubEnds, workerEnds) = try PipePair.makeEnds(on: loop.machine, capacity: loop.limits.pipe)
        defer { workerEnds.close() }
        let process: WorkerProcess
        do throws(SystemError) {
            process = try WorkerProcess(
                executable: executable, command: workers[slot].command, link: workerEnds,
                sockets: workers[slot].sockets, on: loop.machine)
        } catch {
            hubEnds.close()
            throw error
        }
        starts += 1
        let pid = process.pid
        let link = PipeLink(to: hub, on: loop) { [weak self] event in
            self?.assumeIsolated { $0.handle(event, slot: slot, pid: pid) }
        }
        running[slot] = Running(process: process, link: link)
        report(.started(slot: slot, pid: pid))
        link.assumeIsolated { $0.start(hubEnds) }
    }

    private func handle(_ event: PipeLink.Event, slot: Int, pid: Int32) {
        guard running[slot]?.process.pid == pid else { return }
        switch event {
        case .serving:
            machine.serving(slot, at: loop.now)
            endRefusal(slot)
            report(.serving(slot: slot))
        case .evicted(let reason):
            report(.evicted(slot: slot, reason))
            perform(machine.evict(slot, at: loop.now))
        case .ended(let reason):
            if case .endOfFile = reason {} else { report(.evicted(slot: slot, reason)) }
            perform(machine.evict(slot, at: loop.now))
        }
    }

    // MARK: Slots without a process

    private func refuse(_ slot: Int) {
        guard refusals[slot] == nil else { return }
        refusals[slot] = RefusingListener(on: loop, sockets: workers[slot].sockets)
    }

    private func endRefusal(_ slot: Int) {
        refusals.removeValue(forKey: slot)?.end()
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
            for case .kill(let slot) in actions { supervisor.report(.overdue(slot: slot)) }
            supervisor.perform(actions)
        }
    }
}
