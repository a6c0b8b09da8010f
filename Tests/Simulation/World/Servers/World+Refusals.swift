import Actors
import SimulatedMachine
import Transport

/// Checks of the requests that a server refuses.
extension World {
    /// Checks that a worker does not refuse a request for a session of another worker that lives.
    func refused(_ report: ServerReport, by process: SimulatedProcess) {
        guard settings.sharesPort, case .refused(.engineRefused(let refusal)) = report,
            case .sessionID(let text) = refusal.context, let id = SessionID(text)
        else { return }
        let own = number(of: process)
        let living = kernel.processes.filter { $0.parent == process.parent }.map { number(of: $0) }
        record.require(
            id.worker == own || !living.contains(id.worker), .requestsReachTheirWorker,
            "worker process \(own) refuses a request for session \(id) of worker process \(id.worker)")
    }

    private func number(of process: SimulatedProcess) -> WorkerNumber {
        WorkerNumber(process.arguments.count > 1 ? Int(process.arguments[1]) ?? 0 : 0)
    }
}
