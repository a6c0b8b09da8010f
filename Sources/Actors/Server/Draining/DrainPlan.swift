/// How a server sends its clients away before it ends.
package struct DrainPlan: Sendable, Equatable {
    /// The time until the server ends. The clients are sent away during its first half.
    package var time: Duration
    /// True to send polling clients away at once, because their next requests may reach the server's successor.
    package var sendsPollersAtOnce: Bool

    /// Creates a plan. The properties explain the parameters.
    package init(time: Duration, sendsPollersAtOnce: Bool = false) {
        self.time = time
        self.sendsPollersAtOnce = sendsPollersAtOnce
    }
}
