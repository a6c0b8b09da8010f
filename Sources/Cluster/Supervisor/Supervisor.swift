import Transport

/// Starts the workers' processes, watches them and replaces those that die or hang.
public actor Supervisor {
    /// What an operator is told of.
    public enum Report: Sendable {
        case started(slot: Int, pid: Int32)
        /// A worker accepts connections.
        case serving(slot: Int)
        /// A worker is killed because it has not started, or not exited, in time.
        case overdue(slot: Int)
        /// A worker is killed because of what its link says.
        case evicted(slot: Int, LinkEnd)
        /// A worker's process is gone.
        /// - restartDelay: when the next one is started; nil when none will be.
        case ended(slot: Int, pid: Int32, ProcessEnd, restartDelay: Duration?)
        case cannotStart(slot: Int, SystemError, retryDelay: Duration?)
        /// After ``Supervisor/stop()``: every worker's process is gone.
        case stopped
    }

    /// What a worker's process is made of.
    public struct Worker: Sendable {
        /// What it accepts connections from; the sockets stay open here, so that its successor gets them too.
        public let sockets: [ListeningSocket]
        public let arguments: [String]

        public init(sockets: [ListeningSocket], arguments: [String]) {
            self.sockets = sockets
            self.arguments = arguments
        }
    }

    private struct Running {
        let process: WorkerProcess
        let link: PipeLink
    }

    private nonisolated let loop: EventLoop
    private let hub: Hub
    private let executable: String
    private let workers: [Worker]
    private var report: @Sendable (Report) -> Void = { _ in }
    private var machine: SupervisorStateMachine
    private var running: [Int: Running] = [:]
    /// What answers in place of the workers that cannot be started.
    private var refusals: [Int: Refusal] = [:]
    private var timer: LoopBound<EventLoop.TimerToken>?
    /// How many processes were started.
    public private(set) var starts = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: the hub's loop. Its thread starts the processes, and they end with it.
    ///   - executable: the path of the program that a worker's process runs.
    ///   - workers: one for each slot.
    public init(loop: EventLoop, hub: Hub, executable: String, workers: [Worker]) {
        self.loop = loop
        self.hub = hub
        self.executable = executable
        self.workers = workers
        machine = SupervisorStateMachine(slots: workers.count)
    }

    /// Starts every worker.
    /// - Parameter report: called on the loop.
    public func start(report: @escaping @Sendable (Report) -> Void) {
        self.report = report
        carryOut(machine.start(at: loop.now))
    }

    /// Asks every worker to exit, ends those that do not in time, and reports ``Report/stopped`` when all are gone.
    public func stop() {
        carryOut(machine.stop(at: loop.now))
    }

    /// Asks every worker to log its counters.
    public func askForReports() {
        for slot in workers.indices { running[slot]?.link.assumeIsolated { $0.askForReport() } }
    }

    /// A child of this process has ended (`SIGCHLD`). One signal may stand for many.
    /// - Parameter reapsForeign: whether to reap children too that this supervisor did not start. A process that is process 1, or
    ///   took the place of a shell, may have some; one that starts children elsewhere waits for them itself.
    public func childEnded(reapingForeign reapsForeign: Bool = false) {
        for slot in workers.indices {
            guard let worker = running[slot], let end = worker.process.reap() else { continue }
            running[slot] = nil
            worker.link.assumeIsolated { $0.finish() }
            let (actions, delay) = machine.ended(slot, at: loop.now)
            report(.ended(slot: slot, pid: worker.process.pid, end, restartDelay: delay))
            carryOut(actions)
        }
        guard reapsForeign else { return }
        loop.machine.reapForeignChildren { pid in running.values.contains { $0.process.pid == pid } }
    }

    // MARK: Carrying out

    private func carryOut(_ actions: [SupervisorStateMachine.Action]) {
        for action in actions {
            switch action {
            case .spawn(let slot): spawn(slot)
            case .stop(let slot): running[slot]?.link.assumeIsolated { $0.stop() }
            case .kill(let slot): running[slot]?.process.kill()
            case .refuse(let slot): refuse(slot)
            case .finish:
                for slot in workers.indices { endRefusal(slot) }
                report(.stopped)
            }
        }
        restartTimer()
    }

    private func spawn(_ slot: Int) {
        do {
            try startProcess(in: slot)
        } catch {
            let (actions, delay) = machine.ended(slot, at: loop.now)
            report(.cannotStart(slot: slot, error, retryDelay: delay))
            carryOut(actions)
        }
    }

    private func startProcess(in slot: Int) throws(SystemError) {
        let (hubEnds, workerEnds) = try PipePair.makeEnds(on: loop.machine, capacity: loop.limits.pipe)
        defer { workerEnds.close() }
        let process: WorkerProcess
        do throws(SystemError) {
            process = try WorkerProcess(
                executable: executable, arguments: workers[slot].arguments, link: workerEnds,
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
            carryOut(machine.evict(slot, at: loop.now))
        case .ended(let reason):
            if case .endOfFile = reason {} else { report(.evicted(slot: slot, reason)) }
            carryOut(machine.evict(slot, at: loop.now))
        }
    }

    // MARK: Slots without a process

    private func refuse(_ slot: Int) {
        guard refusals[slot] == nil else { return }
        refusals[slot] = Refusal(on: loop, sockets: workers[slot].sockets)
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
    public nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { supervisor in
            supervisor.timer = nil
            let actions = supervisor.machine.due(at: now)
            for case .kill(let slot) in actions { supervisor.report(.overdue(slot: slot)) }
            supervisor.carryOut(actions)
        }
    }
}
