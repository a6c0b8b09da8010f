/// The exit codes of `chatd` (BSD sysexits).
enum ExitCode {
    static let success: Int32 = 0
    /// The command line is wrong.
    static let usage: Int32 = 64
    /// Something that is needed cannot be had: a port, the database.
    static let unavailable: Int32 = 69
    /// The store was lost while running.
    static let softwareFailure: Int32 = 70
}

/// A command line that cannot be understood; the description is for the user.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}
