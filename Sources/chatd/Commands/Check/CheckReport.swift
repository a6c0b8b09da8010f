import Cluster

/// What `chatd check` has found.
struct CheckReport: Equatable {
    /// What an operator should know, although a start would succeed.
    private(set) var notes: [String] = []
    /// Values that are wrong.
    private(set) var mistakes: [String] = []
    /// Services, files and addresses that a start could not use.
    private(set) var failures: [String] = []

    mutating func note(_ text: String) { notes.append(text) }
    mutating func mistake(_ text: String) { mistakes.append(text) }
    mutating func fail(_ text: String) { failures.append(text) }

    /// The exit code of the command.
    var exitCode: CInt {
        if !mistakes.isEmpty { return ExitCode.usage }
        return failures.isEmpty ? ExitCode.success : ExitCode.unavailable
    }
}
