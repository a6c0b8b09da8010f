import Transport

/// The command line and the additional environment of a worker's process.
package struct WorkerCommandLine: Sendable {
    /// The arguments, without the program's name.
    package var arguments: [String]
    /// Environment variables that the process gets in addition to those of this process.
    package var variables: [String: String]

    /// Settings that must not be seen in the arguments. The process inherits the descriptor
    /// (``WorkerStart/settings``).
    package var settings: MemoryFile?

    package init(arguments: [String], variables: [String: String] = [:], settings: MemoryFile? = nil) {
        self.arguments = arguments
        self.variables = variables
        self.settings = settings
    }
}
