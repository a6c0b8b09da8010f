/// A mistake that is planted on purpose, to see that it is found.
package enum Fault: String, CaseIterable, Sendable {
    /// The store reports a group before it is on the disk.
    case acknowledgesBeforeCommit = "ack-before-commit"
    /// A page is read beyond what was asked for.
    case readsBeyondTheStream = "read-past-stream"
    /// What a recovered session missed is written at the end of the turn, when newer events may have gone to its client.
    case replaysLate = "replay-races-live"
    /// A worker writes its clients before its link.
    case writesClientsFirst = "clients-before-link"
    /// A worker that is killed is buried without reading what it had written.
    case forgetsThePipe = "pipe-not-drained"
    /// A session's owner is not heard out before a claim is answered.
    case doesNotHearOut = "owner-not-heard"
    /// After an unknown commit the group counts as failed, without looking.
    case doesNotReadBack = "unknown-commit-failed"
    /// The offset of the client is lost between hub and client: each event carries the worker's own place, also when the client
    /// is behind.
    case sharesOffsets = "offsets-shared"
}
