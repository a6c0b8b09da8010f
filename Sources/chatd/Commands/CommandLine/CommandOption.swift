/// One option of a command: its name, its default and its help.
struct CommandOption: Sendable {
    /// The name without dashes. The environment variable is `CHATD_` and the name in capitals.
    let name: String
    /// The placeholder for the value in the help.
    let value: String
    /// The default, written as on the command line.
    let defaultValue: String
    /// The option's effect, with the unit of its value.
    let help: String
    /// An environment variable that other servers use for the same purpose; it has the lowest precedence.
    var alias: String?
    /// True if the value must not be logged.
    var isSecret = false
    /// False if only the command line sets the option.
    var hasVariable = true
    /// True if the primary process of `supervise` uses the value itself, so that a change needs a restart. The value of
    /// any other option changes when the workers are replaced.
    var needsRestart = false
    /// True for an option without a value: it is given or not.
    var isFlag = false

    var environmentVariable: String {
        "CHATD_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}
