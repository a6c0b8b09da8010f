/// What is known of one start of the server, to judge how its processes end.
struct ServerInstance {
    /// When its process began, since the start of the run.
    let startedAt: Duration
    /// Its process was told to stop.
    var isStopRequested = false
    /// It has reported that it stopped with nothing left to do.
    var hasStopped = false
    /// It has reported that it ends without waiting for what is left.
    var hasStopTimedOut = false
    /// It has reported why it cannot start.
    var hasStartFailed = false
    /// It has reported that its store must not be written to any more.
    var hasLostStore = false
    /// The slots whose process the supervisor has to end.
    var evictedSlots: Set<Int> = []
    /// The workers' processes that have reported the end of their link.
    var unlinkedWorkers: Set<Int32> = []
}
