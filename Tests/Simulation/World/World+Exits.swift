import Cluster
import Glibc
import Persistence
import SimulatedMachine
import Transport

/// Whether processes end for a cause, with its status, and whether an orderly stop leaves nothing behind.
extension World {
    /// A start waits as long as an earlier server may hold a port or the database, and then gives up.
    func check(failedStart error: any Error) {
        instance.hasStartFailed = true
        // A server that has lost the database has not noticed yet.
        if let error = error as? StoreError, error.cause == .busy { return }
        let isTaken =
            switch error {
            case let error as ListeningSocket.BindError:
                error.cause.code == EADDRINUSE && kernel.isListening(error.address.port)
            case StoreError.lockedByAnotherWriter: isStoreLocked
            default: false
            }
        let hasWaited = kernel.elapsed - instance.startedAt >= .seconds(2)
        record.note(instance.isStopRequested ? .startInterrupted : .startAbandoned)
        record.require(
            isTaken && (hasWaited || instance.isStopRequested), .exitHasCause, "a server cannot start: \(error)")
    }

    /// The primary's process has stopped and waited for everything.
    func checkStop(of process: SimulatedProcess) {
        instance.hasStopped = true
        let others = kernel.processes.filter { $0.parent == process.id }
        record.require(others.isEmpty, .stopIsGraceful, "the server stops before process \(others.first?.id ?? 0)")
        guard settings.isFaultFree else { return }
        for draft in model.drafts {
            record.require(
                disk.row(content: draft) != nil, .stopIsGraceful,
                "the server stops, and \(String(decoding: draft, as: UTF8.self)) is not stored")
        }
    }

    /// The primary's process has ended.
    func check(_ end: ProcessEnd) {
        switch end {
        case .exited(ExitCode.success):
            record.note(.serverStopped)
            let isExplained =
                instance.isStopRequested && (instance.hasStopped || instance.hasStopTimedOut || instance.hasStartFailed)
            record.require(isExplained, .exitHasCause, "the server stops by itself")
            let taken = ports.filter { kernel.isListening($0) && $0 != occupiedPort }
            record.require(
                !instance.hasStopped || taken.isEmpty, .stopIsGraceful, "the server has stopped, and \(taken) are taken"
            )
        case .exited(ExitCode.unavailable):
            record.require(
                instance.hasStartFailed && !instance.isStopRequested, .exitHasCause,
                "the server has started, and ends so")
        case .exited(ExitCode.softwareFailure):
            record.require(instance.hasLostStore, .exitHasCause, "the server ends with 70, and its store is there")
        case .exited(let code): record.require(false, .exitHasCause, "the server ends with \(code)")
        case .signalled: break
        }
    }

    func check(_ end: ProcessEnd, ofWorker id: Int32, in slot: Int) {
        let isExplained =
            switch end {
            case .exited(ExitCode.success): instance.isStopRequested
            case .exited(ExitCode.unavailable): instance.unlinkedWorkers.contains(id)
            case .exited: false
            case .signalled: killed.contains(id) || instance.evictedSlots.contains(slot)
            }
        record.require(isExplained, .exitHasCause, "worker \(slot), process \(id), \(end)")
    }

    /// A client finds its transport at its end. In a calm run nothing but a stop ends one, and it tells WebSockets so.
    func checkEnd(of transport: any ClientTransport, of client: SimulatedClient) {
        guard settings.isFaultFree else { return }
        record.require(
            canEndByStop(client.transportNumber), .noUnexplainedDisconnect,
            "client \(client.number) is disconnected, and nothing went wrong: \(transport.ending)")
        guard let code = transport.openWebSocketCloseCode else { return }
        record.note(.closedByStop)
        // A WebSocket that is still probed ends with its session.
        let isExpected = code == 1001 || code == 1000 && transport is UpgradingTransport
        record.require(
            isExpected, .stopIsGraceful, "the WebSocket of client \(client.number) ends with \(transport.ending)")
    }

    /// Whether a stop of the server has ended, or may end, a transport.
    func canEndByStop(_ number: Int) -> Bool {
        primary == nil || instance.isStopRequested || number <= lastNumberAtExit
    }
}
