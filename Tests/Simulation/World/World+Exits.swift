import Cluster
import Glibc
import Persistence
import SimulatedMachine
import Transport

/// Whether processes end for a cause, with its status, and whether an orderly stop leaves nothing behind.
extension World {
    /// A start waits as long as an earlier server may hold a port or the database, and then gives up.
    func judge(failedStart error: any Error) {
        life.hasFailed = true
        // A server that has lost the database has not noticed yet.
        if let error = error as? StoreError, error.cause == .busy { return }
        let isTaken =
            switch error {
            case let error as ListeningSocket.BindError:
                error.cause.code == EADDRINUSE && kernel.isListening(error.address.port)
            case StoreError.lockedByAnotherWriter: isStoreLocked
            default: false
            }
        let hasWaited = kernel.elapsed - life.startedAt >= .seconds(2)
        record.note(life.isToStop ? .startStopped : .startGivenUp)
        record.require(
            isTaken && (hasWaited || life.isToStop), .exitIsExplained, "a server cannot start: \(error)")
    }

    /// The primary's process has stopped and waited for everything.
    func judgeStop(of process: SimulatedProcess) {
        life.hasStopped = true
        let others = kernel.processes.filter { $0.parent == process.id }
        record.require(others.isEmpty, .stopIsOrderly, "the server stops before process \(others.first?.id ?? 0)")
        guard settings.isCalm else { return }
        for draft in witness.drafts {
            record.require(
                disk.row(content: draft) != nil, .stopIsOrderly,
                "the server stops, and \(String(decoding: draft, as: UTF8.self)) is not stored")
        }
    }

    /// The primary's process has ended.
    func judge(_ end: ProcessEnd) {
        switch end {
        case .exited(ExitCode.success):
            record.note(.serverStopped)
            let isExplained = life.isToStop && (life.hasStopped || life.isOverdue || life.hasFailed)
            record.require(isExplained, .exitIsExplained, "the server stops by itself")
            let taken = ports.filter { kernel.isListening($0) && $0 != squattedPort }
            record.require(
                !life.hasStopped || taken.isEmpty, .stopIsOrderly, "the server has stopped, and \(taken) are taken")
        case .exited(ExitCode.unavailable):
            record.require(life.hasFailed && !life.isToStop, .exitIsExplained, "the server has started, and ends so")
        case .exited(ExitCode.softwareFailure):
            record.require(life.hasLostStore, .exitIsExplained, "the server ends with 70, and its store is there")
        case .exited(let code): record.require(false, .exitIsExplained, "the server ends with \(code)")
        case .signalled: break
        }
    }

    func judge(_ end: ProcessEnd, ofWorker id: Int32, in slot: Int) {
        let isExplained =
            switch end {
            case .exited(ExitCode.success): life.isToStop
            case .exited(ExitCode.unavailable): life.orphans.contains(id)
            case .exited: false
            case .signalled: killed.contains(id) || life.evictedSlots.contains(slot)
            }
        record.require(isExplained, .exitIsExplained, "worker \(slot), process \(id), \(end)")
    }

    /// A client finds its transport at its end. In a calm run nothing but a stop ends one, and it tells WebSockets so.
    func judgeEnd(of transport: any ClientTransport, of client: SimulatedClient) {
        guard settings.isCalm else { return }
        record.require(
            mayEnd(client.transportNumber), .noEndWithoutCause,
            "client \(client.number) is disconnected, and nothing went wrong: \(transport.ending)")
        guard let code = transport.openWebSocketCloseCode else { return }
        record.note(.closedByStop)
        // A WebSocket that is still probed ends with its session.
        let isExpected = code == 1001 || code == 1000 && transport is UpgradingTransport
        record.require(
            isExpected, .stopIsOrderly, "the WebSocket of client \(client.number) ends with \(transport.ending)")
    }

    /// Whether a stop of the server has ended, or may end, a transport.
    func mayEnd(_ number: Int) -> Bool {
        primary == nil || life.isToStop || number <= lastStoppedNumber
    }
}
