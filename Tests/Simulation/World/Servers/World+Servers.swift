import Actors
import ChatApplication
import Cluster
import Glibc
import Persistence
import SimulatedMachine
import Transport

/// The processes of the server: the same as `chatd serve`, `chatd supervise` and their workers, on a simulated machine.
extension World {
    private static let host = "127.0.0.1"

    /// Runs the hub's process.
    ///
    /// - Parameters:
    ///   - number: the number of this start.
    ///   - port: the first port to listen on.
    func run(
        _ process: SimulatedProcess, of host: Host, number: Int, on port: UInt16, for model: HubOracle
    ) {
        guard let loop = makeLoop(of: process) else { return }
        let openStore = { @Sendable [unowned self, unowned process] (epoch: String) throws in
            try self.openStore(epoch: epoch, number: number, of: process, on: host, for: model)
        }
        let report = { @Sendable [unowned self, unowned process] in reported($0, by: process, of: host) }
        let onEnd = { @Sendable (outcome: ProcessOutcome) in loop.machine.exit(code: outcome.exitCode) }
        if settings.workers == 0 {
            var options = ServeProcess.Options(
                host: Self.host, port: port, recovery: settings.recovery, drainTime: settings.drainTime,
                signals: [SIGTERM, SIGINT, SIGHUP, SIGUSR1])
            options.backplane = backplane(of: process, model)
            let serve = ServeProcess(
                makeServer(of: process, on: loop), on: loop, options,
                observer: model, openStore: openStore, report: report, onEnd: onEnd)
            loop.startTask { await serve.start() }
        } else {
            var options = SuperviseProcess.Options(
                host: Self.host, port: port, workers: settings.workers, sharesPort: settings.sharesPort,
                recovery: settings.recovery, drainTime: settings.drainTime, executable: "chatd",
                signals: [SIGTERM, SIGINT, SIGHUP, SIGUSR1] + (settings.handlesChildSignals ? [SIGCHLD] : []))
            options.backplane = backplane(of: process, model)
            let supervise = SuperviseProcess(
                on: loop, options,
                observer: model, openStore: openStore,
                command: { WorkerCommandLine(arguments: ["\($0.slot)", "\($0.number)", "\($0.sockets)"]) },
                report: report, onEnd: onEnd)
            loop.startTask { await supervise.start() }
        }
    }

    /// Runs a worker's process.
    func runWorker(_ process: SimulatedProcess) {
        record.note(.workerStarted)
        if injectsFault(perMille: 20) {
            process.isPaused = true
            record.trace("process \(process.id) hangs during its start")
        }
        guard let loop = makeLoop(of: process) else { return }
        let worker = ServingWorker(
            makeServer(of: process, on: loop), on: loop, start(of: process),
            openHistory: { [unowned self, unowned process] in try openHistory(of: process) },
            report: { [unowned self, unowned process] in reported($0, byWorker: process) })
        loop.startTask { await worker.start() }
    }

    private func start(of process: SimulatedProcess) -> WorkerStart {
        let numbers = process.arguments.map { Int($0) ?? 0 }
        return WorkerStart(
            slot: numbers[0], number: numbers[1], sockets: numbers[2], sharesPort: settings.sharesPort)
    }

    private func makeLoop(of process: SimulatedProcess) -> EventLoop? {
        do {
            return try process.makeLoop(settings.limits)
        } catch {
            record.require(false, .settles, "a process cannot make its event loop: \(error)")
            return nil
        }
    }

    private func makeServer(of process: SimulatedProcess, on loop: EventLoop) -> SocketServer {
        let server = SocketServer(
            settings.server, report: { [unowned self, unowned process] in refused($0, by: process) })
        SimulatedApplication.install(on: server, running: loop, of: host(of: process), in: self)
        return server
    }

    // MARK: Reports

    private func reported(_ report: ProcessReport, by process: SimulatedProcess, of host: Host) {
        guard !process.hasEnded, process === host.primary else { return }
        record.trace("the server\(name(of: host)) reports \(report.words)")
        switch report {
        case .startFailed(let error): check(failedStart: error, of: host)
        case .stopped: checkStop(of: process, on: host)
        case .stopOverdue:
            record.note(.stopOverdue)
            record.require(!settings.isFaultFree, .stopIsGraceful, "the server's stop timed out")
            host.instance.hasStopTimedOut = true
        case .hub(.backplane(let notice)): reported(notice, by: host)
        case .hub(.storeLost): host.instance.hasLostStore = true
        case .hub(.groupFailed(let count, .closed)):
            record.require(
                host.instance.hasLostStore || host.instance.hasStopTimedOut, .stopIsGraceful,
                "the server closes its store before it has stored the last \(count) messages")
        case .supervisor(let report): reported(report, of: host)
        case .counters: record.note(.countersReported)
        case .stoppingAtOnce:
            record.note(.stoppedAtOnce)
            noteEndAtOnce(of: host)
        case .serving: record.note(.served)
        case .addressMissing, .adminServing, .commandsUnavailable, .commandUserRefused, .ready, .linkEnded, .stopping,
            .hub:
            break
        }
    }

    private func reported(_ notice: BackplaneNotice, by host: Host) {
        switch notice {
        case .cutOff:
            record.note(.hostCutOff)
            host.model.exchange?.wasCutOff()
            record.require(
                !settings.isFaultFree, .cutOffHostContinues, "host \(host.number) is cut off without a fault")
        case .connectedAgain: record.note(.hostConnectedAgain)
        case .disconnected, .ignored, .problem, .notPublished: break
        }
    }

    private func reported(_ report: ProcessReport, byWorker process: SimulatedProcess) {
        guard !process.hasEnded else { return }
        record.trace("worker \(process.id) reports \(report.words)")
        switch report {
        case .startFailed(let error):
            record.require(false, .exitHasCause, "worker \(process.id) cannot start: \(error)")
        case .linkEnded(let reason):
            host(of: process).instance.unlinkedWorkers.insert(process.id)
            record.require(
                !settings.isFaultFree, .noUnexplainedDisconnect, "the link of worker \(process.id) ended: \(reason)")
        case .counters: record.note(.countersReported)
        default: break
        }
    }

    private func reported(_ report: Supervisor.Report, of host: Host) {
        switch report {
        case .overdue(let slot, _), .evicted(let slot, _):
            host.instance.evictedSlots.insert(slot)
            if case .overdue = report {
                record.note(host.instance.isStopRequested ? .workerStopOverdue : .workerStartOverdue)
            }
            record.require(!settings.isFaultFree, .noUnexplainedDisconnect, "the supervisor ends worker \(slot)")
        case .ended(let slot, let id, let end, _): check(end, ofWorker: id, in: slot, of: host)
        case .cannotStart(let slot, let error, _):
            record.require(false, .exitHasCause, "worker \(slot) cannot be started: \(error)")
        case .replacing: host.instance.isReplacing = true
        case .replaced: record.note(.workerReplaced)
        case .replacementAbandoned(let slot, let reason, _):
            host.instance.evictedSlots.insert(slot)
            record.note(.replacementAbandoned)
            record.require(!settings.isFaultFree, .exitHasCause, "worker \(slot) is not replaced: it \(reason)")
            host.instance.abandonedWorkers.formUnion(host.instance.startingWorkers)
            endReplacement(on: host)
        case .replacementFinished: endReplacement(on: host)
        case .started(_, let id): host.instance.startingWorkers.insert(id)
        case .serving(_, let id): host.instance.startingWorkers.remove(id)
        case .stopped: break
        }
    }
}

extension ProcessReport {
    /// The text for the trace. It omits the counters, because the print order of their dictionaries varies.
    fileprivate var words: String {
        if case .counters = self { "counters" } else { "\(self)" }
    }
}
