import Cluster
import Glibc
import Persistence
import SimulatedMachine
import Transport

/// Checks of exits: each has a known cause and the matching status, and a graceful stop completes its work.
extension World {
    /// Checks a failed start. A start must wait as long as an earlier server may hold a port or the database.
    func check(failedStart error: any Error, of host: Host) {
        let instance = host.instance
        host.instance.hasStartFailed = true
        // A superseded server may hold the lock until it detects its successor.
        if let error = error as? StoreError, error.cause == .busy { return }
        let isTaken =
            switch error {
            case let error as ListeningSocket.BindError:
                error.cause.code == EADDRINUSE && kernel.isListening(error.address.port)
            case StoreError.lockedByAnotherWriter: isStoreLocked(for: host)
            default: false
            }
        let hasWaited = kernel.elapsed - instance.startedAt >= .seconds(2)
        record.note(instance.isStopRequested ? .startInterrupted : .startAbandoned)
        record.require(
            isTaken && (hasWaited || instance.isStopRequested), .exitHasCause, "a server does not start: \(error)")
    }

    /// Checks the report that the primary has stopped gracefully.
    func checkStop(of process: SimulatedProcess, on host: Host) {
        host.instance.hasStopped = true
        let others = kernel.processes.filter { $0.parent == process.id }
        record.require(
            others.isEmpty, .stopIsGraceful, "the server stops before its worker process \(others.first?.id ?? 0)")
        guard settings.isFaultFree else { return }
        for draft in host.model.drafts {
            record.require(
                disk.row(content: draft) != nil, .stopIsGraceful,
                "the server stops without storing \(String(decoding: draft, as: UTF8.self))")
        }
    }

    /// Checks the end of the primary's process.
    func check(_ end: ProcessEnd, of host: Host) {
        let instance = host.instance
        switch end {
        case .exited(ExitCode.success):
            record.note(.serverStopped)
            let isExplained =
                instance.isStopRequested && (instance.hasStopped || instance.hasStopTimedOut || instance.hasStartFailed)
            record.require(isExplained, .exitHasCause, "the server exits with success without a stop request")
            let taken = ports(of: host).filter { kernel.isListening($0) && $0 != host.occupiedPort }
            record.require(
                !instance.hasStopped || taken.isEmpty, .stopIsGraceful,
                "the server has stopped but still listens on \(taken)"
            )
        case .exited(ExitCode.unavailable):
            record.require(
                instance.hasStartFailed && !instance.isStopRequested, .exitHasCause,
                "the server exits as unavailable although its start did not fail")
        case .exited(ExitCode.softwareFailure):
            record.require(
                instance.hasLostStore, .exitHasCause, "the server exits with 70 although its store is available")
        case .exited(let code): record.require(false, .exitHasCause, "the server exits with the unknown code \(code)")
        case .signalled: break
        }
    }

    func check(_ end: ProcessEnd, ofWorker id: Int32, in slot: Int, of host: Host) {
        let instance = host.instance
        let isExplained =
            switch end {
            case .exited(ExitCode.success):
                instance.isStopRequested || instance.isReplacing || instance.hasReplaced
            case .exited(ExitCode.unavailable): instance.unlinkedWorkers.contains(id)
            case .exited: false
            case .signalled:
                // A stop during a replacement kills a process that has not taken over.
                killed.contains(id) || instance.evictedSlots.contains(slot) || instance.isStopRepeated
                    || instance.abandonedWorkers.contains(id)
                    || instance.isReplacing && instance.isStopRequested
            }
        record.require(isExplained, .exitHasCause, "worker \(slot), process \(id), \(end) without a known cause")
    }

    /// Checks the end of a client's transport. In a fault-free run only a stop may end it, and a WebSocket receives the
    /// close code of the stop.
    func checkEnd(of transport: any ClientTransport, of client: SimulatedClient) {
        guard settings.isFaultFree else { return }
        let isTaken = client.sockets.contains(where: \.isTaken)
        record.require(
            canEndByStop(client) || isTaken, .noUnexplainedDisconnect,
            "client \(client.number) is disconnected without a fault: \(transport.ending)")
        guard client.transportNumber > (client.host?.lastNumberAtEndAtOnce ?? 0),
            let code = transport.openWebSocketCloseCode
        else {
            return
        }
        record.note(.closedByStop)
        record.require(
            code == 1001 || code == 1012 && settings.drainTime > .zero || code == 1000 && isTaken, .stopIsGraceful,
            "the WebSocket of client \(client.number) closes with \(transport.ending)")
    }

    /// True if a stop of the server, or a replacement of its workers, may have ended the client's transport.
    func canEndByStop(_ client: SimulatedClient) -> Bool {
        guard let host = client.host else { return true }
        let number = client.transportNumber
        return host.primary == nil || host.instance.isStopRequested || number <= host.lastNumberAtExit
            || host.instance.isReplacing || number <= host.lastNumberAtReplacement
    }
}
