/// Where the value of an option comes from.
enum OptionSource: Equatable {
    case commandLine
    /// The environment variable of this name.
    case variable(String)
    /// A line of the configuration file of this name.
    case file(String, line: Int)
    /// The primary process, which has passed the value to this worker.
    case supervisor
    /// Nothing sets the option, so its default applies.
    case standard

    /// The form in which the user has written the option, for messages.
    func name(of option: String) -> String {
        switch self {
        case .commandLine, .standard: "--\(option)"
        case .variable(let name): name
        case .file(let name, let line): "\(name):\(line): \(option)"
        case .supervisor: "the supervisor's --\(option)"
        }
    }
}

extension OptionSource: CustomStringConvertible {
    var description: String {
        switch self {
        case .commandLine: "command line"
        case .variable(let name): name
        case .file(let name, let line): "\(name):\(line)"
        case .supervisor: "supervisor"
        case .standard: "default"
        }
    }
}
