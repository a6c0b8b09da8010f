/// The exit codes of `chatd`, as in BSD's `sysexits.h`.
package enum ExitCode {
    package static let success: CInt = 0
    /// The server that was checked does not answer.
    package static let unhealthy: CInt = 1
    /// The command line is wrong.
    package static let usage: CInt = 64
    /// The input is malformed.
    package static let badData: CInt = 65
    /// A required resource is unavailable: a port, the database, or the link to the supervisor.
    package static let unavailable: CInt = 69
    /// The store failed for good while the server ran.
    package static let softwareFailure: CInt = 70
    /// A service has not confirmed something, which may have happened or not.
    package static let unconfirmed: CInt = 75
    /// A service does not accept the user.
    package static let notPermitted: CInt = 77
}
