/// The exit codes of `chatd`, as in BSD's `sysexits.h`.
package enum ExitCode {
    package static let success: CInt = 0
    /// The server that was checked does not answer.
    package static let unhealthy: CInt = 1
    /// The command line is wrong.
    package static let usage: CInt = 64
    /// A required resource is unavailable: a port, the database, or the link to the supervisor.
    package static let unavailable: CInt = 69
    /// The store failed for good while the server ran.
    package static let softwareFailure: CInt = 70
}
