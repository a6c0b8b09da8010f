import Transport

extension Supervisor {
    /// The configuration of the workers.
    package struct Options: Sendable {
        /// The path of the program that the workers run.
        package var executable: String
        /// The listening sockets of each slot. They stay open in this process, so that further processes of the slot
        /// inherit them too.
        package var sockets: [[ListeningSocket]]
        /// True if all slots have the same sockets. Requests then reach their worker whichever process accepts them.
        package var sharesPort: Bool
        /// The time within which a process sends its clients away before it exits; zero to close them all at once.
        package var drainTime: Duration
        /// True to notice ended processes by the end of their link. If false, the caller must call
        /// ``Supervisor/childEnded(reapingForeign:)`` for `SIGCHLD`.
        package var reapsWithoutSignals: Bool

        /// Creates the configuration. The properties explain the parameters.
        package init(
            executable: String, sockets: [[ListeningSocket]], sharesPort: Bool = false, drainTime: Duration = .zero,
            reapsWithoutSignals: Bool = false
        ) {
            self.executable = executable
            self.sockets = sockets
            self.sharesPort = sharesPort
            self.drainTime = drainTime
            self.reapsWithoutSignals = reapsWithoutSignals
        }
    }
}
