/// The command line and the additional environment of a worker's process.
public struct WorkerCommandLine: Sendable {
    /// The arguments, without the program's name.
    public var arguments: [String]
    /// Environment variables that the process gets in addition to those of this process.
    public var variables: [String: String]

    public init(arguments: [String], variables: [String: String] = [:]) {
        self.arguments = arguments
        self.variables = variables
    }
}
