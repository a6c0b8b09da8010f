import Actors
import Transport

/// What an operator is told of a process, from its start to its end. Called on its loop.
package enum ProcessReport: Sendable {
    /// This machine has no such address: the server listens on the host's others.
    case addressMissing(SocketAddress)
    /// The process ends, because it cannot start.
    case startFailed(any Error)
    /// Clients can connect to this address.
    case serving(SocketAddress)
    /// A terminal has gone that the server outlives.
    case hangUpIgnored
    /// Asked for by a signal; nil what this process has not.
    case counters(server: Server.Status?, hub: Hub.Counters?, workerStarts: Int?)
    /// A worker ends, because nothing orders its work any more.
    case linkEnded(LinkEnd)
    case stopping
    /// The process ends, with nothing left to do.
    case stopped
    /// The process ends, because stopping has taken too long.
    case stopOverdue
    case hub(Hub.Report)
    case server(ServerReport)
    case supervisor(Supervisor.Report)
}

extension ProcessReport {
    /// Passes on what a hub reports, and ends the process when its store must not be written to any more.
    static func ofHub(
        on loop: EventLoop, _ report: @escaping @Sendable (ProcessReport) -> Void
    ) -> @Sendable (Hub.Report) -> Void {
        { hubReport in
            report(.hub(hubReport))
            if case .storeLost = hubReport { loop.machine.exit(code: ExitCode.softwareFailure) }
        }
    }
}
