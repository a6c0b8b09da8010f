/// Keeps one process in each slot: what is to be started, ended and waited for, and when.
///
/// A value without processes or a clock. What happens goes in, with the time; what is to be done comes out.
struct SupervisorStateMachine {
    enum Action: Equatable {
        case spawn(slot: Int)
        /// Ask the process to close its sessions and to exit.
        case stop(slot: Int)
        /// End the process at once.
        case kill(slot: Int)
        /// Answer in place of the process, which will not be there for long, that there is no service.
        case refuse(slot: Int)
        /// Every process is gone, after a stop.
        case finish
    }

    /// How long a process may take from its start until it accepts connections.
    static let startTimeout = Duration.seconds(15)
    /// How long a process may take to exit when it is asked to.
    static let stopTimeout = Duration.seconds(3)

    /// A slot that stays empty for longer must not accept connections and leave them without an answer.
    static let longestSilence = Duration.seconds(1)

    private enum Phase: Equatable {
        case waiting(until: ContinuousClock.Instant)
        case starting(until: ContinuousClock.Instant)
        case serving(since: ContinuousClock.Instant)
        case stopping(until: ContinuousClock.Instant)
        /// Its end is certain and awaited.
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

    /// The process in a slot is of no use any more: it hangs, or its link is over.
    mutating func evict(_ slot: Int, at now: ContinuousClock.Instant) -> [Action] {
        switch slots[slot].phase {
        case .starting, .stopping: slots[slot].phase = .dying(served: .zero)
        case .serving(let since): slots[slot].phase = .dying(served: now - since)
        case .waiting, .dying, .gone: return []
        }
        return [.kill(slot: slot)]
    }

    /// The process in a slot is gone, or could not be started.
    /// - Returns: what to do, and how long its successor waits; nil when there will be none.
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
        return (delay >= Self.longestSilence ? [.refuse(slot: slot)] : [], delay)
    }

    private var finishedActions: [Action] {
        slots.allSatisfy { $0.phase == .gone } ? [.finish] : []
    }

    /// Ends every process; none is started any more.
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

    /// What is due.
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

    /// When to ask again what is due; nil when nothing will be by itself.
    var nextDeadline: ContinuousClock.Instant? {
        slots.compactMap { slot in
            switch slot.phase {
            case .waiting(let instant), .starting(let instant), .stopping(let instant): instant
            case .serving, .dying, .gone: nil
            }
        }.min()
    }
}

/// How long a worker that died waits for its successor: longer each time, until one has lasted.
struct RestartPolicy: Equatable {
    static let shortestDelay = Duration.milliseconds(100)
    static let longestDelay = Duration.seconds(10)
    /// A worker that served for this long has lasted.
    static let stableTime = Duration.seconds(10)

    /// How many died in a row without one that lasted.
    private(set) var failures = 0

    /// A worker is gone.
    /// - Parameter served: how long it accepted connections.
    /// - Returns: how long its successor has to wait.
    mutating func died(served: Duration) -> Duration {
        failures = served >= Self.stableTime ? 1 : failures + 1
        return min(Self.shortestDelay * (1 << min(failures - 1, 10)), Self.longestDelay)
    }
}
