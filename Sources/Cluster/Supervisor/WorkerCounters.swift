/// Counters of a supervisor since its start.
package struct WorkerCounters: Sendable {
    /// The number of processes started.
    package var starts = 0
    /// The number of processes that ended unexpectedly, or could not be started.
    package var restarts = 0
    /// The number of workers, and of those that accept connections now.
    package var count = 0
    package var up = 0
    /// The number of connections that were passed to another worker; nil if each worker has its own port.
    package var passed: Int?
    /// The number of connections that no worker could take; nil if each worker has its own port.
    package var refused: Int?
}
