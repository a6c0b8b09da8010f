/// The command line and the additional environment of a worker's process.
package struct WorkerCommandLine: Sendable {
    /// The arguments, without the program's name.
    package var arguments: [String]
    /// Environment variables that the process gets in addition to those of this process.
    package var variables: [String: String]

    package init(arguments: [String], variables: [String: String] = [:]) {
        self.arguments = arguments
        self.variables = variables
    }
}
