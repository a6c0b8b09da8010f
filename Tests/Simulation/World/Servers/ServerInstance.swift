/// The state of one server from start to exit, for the checks of its exits.
struct ServerInstance {
    /// The start time, since the start of the run.
    let startedAt: Duration
    /// True after a stop signal.
    var isStopRequested = false
    /// True after the server has reported that it ends at once, because it was asked to stop again.
    var isStopRepeated = false
    /// True while the server replaces its workers.
    var isReplacing = false
    /// True if the server has replaced its workers at least once.
    var hasReplaced = false
    /// True after the server has reported that it stopped with all work done.
    var hasStopped = false
    /// True after the server has reported that its stop timed out.
    var hasStopTimedOut = false
    /// True after the server has reported that it cannot start.
    var hasStartFailed = false
    /// True after the server has reported that it lost its store.
    var hasLostStore = false
    /// The slots whose process the supervisor has decided to end.
    var evictedSlots: Set<Int> = []
    /// The worker processes that have not served yet.
    var startingWorkers: Set<Int32> = []
    /// The worker processes that had not served when the server gave up the replacement of its workers. It kills the
    /// one that should have taken over.
    var abandonedWorkers: Set<Int32> = []
    /// The worker processes that have reported the end of their link.
    var unlinkedWorkers: Set<Int32> = []
}
