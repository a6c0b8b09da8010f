/// What the command line of a worker's process must tell it.
package struct WorkerStart: Sendable {
    /// The slot of the worker.
    package let slot: Int
    /// The number of the process among all processes of the workers.
    package let number: Int
    /// The number of listening sockets that the process inherits.
    package let sockets: Int
    /// True if all workers accept connections on these sockets.
    package let sharesPort: Bool

    /// Creates the description. The properties explain the parameters.
    package init(slot: Int, number: Int, sockets: Int, sharesPort: Bool) {
        self.slot = slot
        self.number = number
        self.sockets = sockets
        self.sharesPort = sharesPort
    }
}

extension WorkerStart {
    /// The number of the descriptor of ``WorkerCommandLine/settings`` in the process.
    package var settings: CInt {
        WorkerProcess.nextDescriptor + (sharesPort ? 1 : 0) + CInt(sockets)
    }
}
