/// Keeps one process in each slot: decides which processes to start, stop and kill, and when.
///
/// A value without processes or a clock. Events go in with their time, and actions come out.
struct SupervisorStateMachine {
    enum Action: Equatable {
        case spawn(slot: Int)
        /// Ask the process to close its sessions and exit.
        case stop(slot: Int)
        /// Kill the process.
        case kill(slot: Int)
        /// Answer requests to the slot with 503, because it will have no process for a while.
        case refuse(slot: Int)
        /// Every process has ended after a stop.
        case finish
    }

    /// How long a process may take from its start until it accepts connections.
    static let startTimeout = Duration.seconds(15)
    /// How long a process may take to exit after it was asked to.
    static let stopTimeout = Duration.seconds(3)

    /// An empty slot refuses requests if its next process starts after this delay or later. During a shorter delay,
    /// connections wait.
    static let refusalDelay = Duration.seconds(1)

    private enum Phase: Equatable {
        case waiting(until: ContinuousClock.Instant)
        case starting(until: ContinuousClock.Instant)
        case serving(since: ContinuousClock.Instant)
        case stopping(until: ContinuousClock.Instant)
        /// The process was killed and has not been reaped.
        case dying(served: Duration)
        case gone
    }

    private struct Slot {
        var phase = Phase.gone
        var policy = RestartPolicy()
    }

    private var slots: [Slot]
    private var isStopping = false

    init(slots count: Int) {
        slots = Array(repeating: Slot(), count: count)
    }

    /// Starts every process.
    mutating func start(at now: ContinuousClock.Instant) -> [Action] {
        slots.indices.map { spawn($0, at: now) }
    }

    private mutating func spawn(_ slot: Int, at now: ContinuousClock.Instant) -> Action {
        slots[slot].phase = .starting(until: now + Self.startTimeout)
        return .spawn(slot: slot)
    }

    /// The process in a slot accepts connections.
    mutating func serving(_ slot: Int, at now: ContinuousClock.Instant) {
        guard case .starting = slots[slot].phase else { return }
        slots[slot].phase = .serving(since: now)
    }

    /// The process in a slot hangs, or its link has ended, so it must be killed.
    mutating func evict(_ slot: Int, at now: ContinuousClock.Instant) -> [Action] {
        switch slots[slot].phase {
        case .starting, .stopping: slots[slot].phase = .dying(served: .zero)
        case .serving(let since): slots[slot].phase = .dying(served: now - since)
        case .waiting, .dying, .gone: return []
        }
        return [.kill(slot: slot)]
    }

    /// The process in a slot has ended, or could not be started.
    /// - Returns: the actions, and the delay before its successor starts; nil if there will be none.
    mutating func ended(_ slot: Int, at now: ContinuousClock.Instant) -> (actions: [Action], delay: Duration?) {
        let served: Duration =
            switch slots[slot].phase {
            case .serving(let since): now - since
            case .dying(let served): served
            default: .zero
            }
        slots[slot].phase = .gone
        guard !isStopping else { return (finishedActions, nil) }
        let delay = slots[slot].policy.died(served: served)
        slots[slot].phase = .waiting(until: now + delay)
        return (delay >= Self.refusalDelay ? [.refuse(slot: slot)] : [], delay)
    }

    private var finishedActions: [Action] {
        slots.allSatisfy { $0.phase == .gone } ? [.finish] : []
    }

    /// Stops every process and starts no more.
    mutating func stop(at now: ContinuousClock.Instant) -> [Action] {
        guard !isStopping else { return [] }
        isStopping = true
        var actions: [Action] = []
        for slot in slots.indices {
            switch slots[slot].phase {
            case .waiting:
                slots[slot].phase = .gone
            case .starting, .serving:
                slots[slot].phase = .stopping(until: now + Self.stopTimeout)
                actions.append(.stop(slot: slot))
            case .stopping, .dying, .gone:
                break
            }
        }
        return actions + finishedActions
    }

    /// The actions that are due.
    mutating func due(at now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for slot in slots.indices {
            switch slots[slot].phase {
            case .waiting(let instant) where instant <= now:
                actions.append(spawn(slot, at: now))
            case .starting(let instant) where instant <= now, .stopping(let instant) where instant <= now:
                actions += evict(slot, at: now)
            default:
                break
            }
        }
        return actions
    }

    /// The time for the next call to ``due(at:)``; nil if nothing is scheduled.
    var nextDeadline: ContinuousClock.Instant? {
        slots.compactMap { slot in
            switch slot.phase {
            case .waiting(let instant), .starting(let instant), .stopping(let instant): instant
            case .serving, .dying, .gone: nil
            }
        }.min()
    }
}

/// The delay before the successor of a dead worker starts. It doubles with each death, up to ``longestDelay``, until a
/// worker has been stable.
struct RestartPolicy: Equatable {
    static let shortestDelay = Duration.milliseconds(100)
    static let longestDelay = Duration.seconds(10)
    /// A worker that served for this long was stable.
    static let stableTime = Duration.seconds(10)

    /// The number of deaths in a row, starting with that of the last stable worker.
    private(set) var failures = 0

    /// Counts the death of a worker.
    /// - Parameter served: how long the worker accepted connections.
    /// - Returns: the delay before its successor starts.
    mutating func died(served: Duration) -> Duration {
        failures = served >= Self.stableTime ? 1 : failures + 1
        return min(Self.shortestDelay * (1 << min(failures - 1, 10)), Self.longestDelay)
    }
}
