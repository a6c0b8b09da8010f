import Transport

extension Supervisor {
    /// An event for the operator.
    package enum Report: Sendable {
        /// Every worker is being replaced by a new process, one after the other.
        case replacing
        /// A worker's new process accepts connections, and the old one sends its clients away.
        case replaced(slot: Int)
        /// The new process of a worker has ended. The workers that follow are not replaced, and if `oldStays`, nor is
        /// this one.
        case replacementAbandoned(slot: Int, reason: String, oldStays: Bool)
        /// Every worker has been replaced.
        case replacementFinished
        /// A worker's process was started.
        case started(slot: Int, pid: Int32)
        /// A worker accepts connections.
        case serving(slot: Int, pid: Int32)
        /// A worker is killed because it did not start or exit in time.
        case overdue(slot: Int, pid: Int32)
        /// A worker is killed because of a failure of its link.
        case evicted(slot: Int, LinkEnd)
        /// A worker's process has ended. The next one starts after `restartDelay`; nil if there will be none.
        case ended(slot: Int, pid: Int32, ProcessEnd, restartDelay: Duration?)
        /// A worker's process could not be started. The next attempt follows after `retryDelay`; nil if there will be
        /// none.
        case cannotStart(slot: Int, SystemError, retryDelay: Duration?)
        /// Every worker's process has ended after ``Supervisor/stop()``.
        case stopped
    }
}

extension Supervisor.Report: CustomStringConvertible {
    /// The event as a line for the operator. A line about a failure begins with `error:`.
    package var description: String {
        switch self {
        case .replacing: "replacing every worker"
        case .replaced(let slot): "worker \(slot) is replaced, and the old process sends its clients away"
        case .replacementAbandoned(let slot, let reason, oldStays: true):
            "error: worker \(slot) is not replaced, and the old process stays: the new one \(reason)"
        case .replacementAbandoned(let slot, let reason, oldStays: false):
            "error: no further worker is replaced: the new process of worker \(slot) \(reason)"
        case .replacementFinished: "every worker is replaced"
        case .started(let slot, let pid): "worker \(slot) started, process \(pid)"
        case .serving(let slot, _): "worker \(slot) accepts connections"
        case .overdue(let slot, let pid):
            "error: worker \(slot), process \(pid), is killed: it took too long to start or to exit"
        case .evicted(let slot, let reason): "error: worker \(slot) is killed: \(reason)"
        case .ended(let slot, let pid, let end, let delay):
            "worker \(slot), process \(pid), \(end)\(Self.announcement("its replacement starts", after: delay))"
        case .cannotStart(let slot, let error, let delay):
            "error: worker \(slot) cannot be started: \(error)\(Self.announcement("next attempt", after: delay))"
        case .stopped: "all workers have ended"
        }
    }

    /// Announces what follows after a delay; empty if nothing follows.
    private static func announcement(_ text: String, after delay: Duration?) -> String {
        delay.map { ", \(text) in \(Int($0 / .milliseconds(1))) ms" } ?? ""
    }
}

extension Supervisor.Report {
    /// The kind of the report. A log limits the lines of each kind.
    package var kind: String {
        switch self {
        case .replacing: "replacing"
        case .replaced(let slot): "replaced \(slot)"
        case .replacementAbandoned: "replacement abandoned"
        case .replacementFinished: "replacement finished"
        case .started(let slot, _): "started \(slot)"
        case .serving(let slot, _): "serving \(slot)"
        case .overdue(let slot, _): "overdue \(slot)"
        case .evicted(let slot, _): "evicted \(slot)"
        case .ended(let slot, _, _, _): "ended \(slot)"
        case .cannotStart(let slot, _, _): "start \(slot)"
        case .stopped: "stopped"
        }
    }
}
