import Actors
import Transport

/// An event in the life of a process, for the operator. Reported on the process's loop.
package enum ProcessReport: Sendable {
    /// This machine does not have this address of the host. The server listens on the host's other addresses.
    case addressMissing(SocketAddress)
    /// The process could not start and exits.
    case startFailed(any Error)
    /// Clients can connect to this address.
    case serving(SocketAddress)
    /// The operator can connect to this address.
    case adminServing(SocketAddress)
    /// The server runs without the operator's commands, because their socket cannot be opened.
    case commandsUnavailable(any Error)
    /// A user of this machine who may not use the operator's commands has connected to their socket; nil if unknown.
    case commandUserRefused(UInt32?)
    /// Clients can connect to every address. The number of worker processes is nil for a server in one process.
    case ready(workers: Int?)
    /// The counters, requested by a signal; nil for parts that this process does not have.
    case counters(server: SocketServer.Status?, hub: Hub.Counters?, workers: WorkerCounters?)
    /// The link ended, so the worker exits: nothing could order its work any more.
    case linkEnded(LinkEnd)
    /// The process begins to stop.
    case stopping
    /// The process ends without waiting any longer, because it was asked to stop again.
    case stoppingAtOnce
    /// The process has stopped and exits.
    case stopped
    /// Stopping took too long, so the process exits.
    case stopOverdue
    case hub(Hub.Report)
    case supervisor(Supervisor.Report)
}

extension ProcessReport {
    /// Returns a handler for a hub's reports. It passes them on, and ends the process if the store must not be written
    /// any more.
    static func hubReportHandler(
        _ report: @escaping @Sendable (ProcessReport) -> Void, _ onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) -> @Sendable (Hub.Report) -> Void {
        { hubReport in
            report(.hub(hubReport))
            if case .storeLost(let error) = hubReport { onEnd(.storeLost(error)) }
        }
    }
}
