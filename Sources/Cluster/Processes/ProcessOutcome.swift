import Persistence
import Transport

/// The outcome of a server's process.
package enum ProcessOutcome: Sendable {
    /// The server was asked to stop and has done so.
    case stopped
    /// The server could not start.
    case startFailed(any Error)
    /// The store must not be written any more.
    case storeLost(StoreError)

    /// The exit code that tells an operator's tools of this outcome.
    package var exitCode: CInt {
        switch self {
        case .stopped: ExitCode.success
        case .startFailed: ExitCode.unavailable
        case .storeLost: ExitCode.softwareFailure
        }
    }
}
