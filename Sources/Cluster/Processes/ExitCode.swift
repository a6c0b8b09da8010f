/// The exit codes of `chatd` (BSD sysexits).
package enum ExitCode {
    package static let success: CInt = 0
    /// The command line is wrong.
    package static let usage: CInt = 64
    /// Something that is needed cannot be had: a port, the database, the link to the supervisor.
    package static let unavailable: CInt = 69
    /// The store was lost while running.
    package static let softwareFailure: CInt = 70
}
