/// Keeps one process in each slot: decides which processes to start, stop and kill, and when.
///
/// A value without processes or a clock. Events go in with their time, and actions come out. Each process has a number
/// that is never used again.
struct SupervisorStateMachine {
    enum Action: Equatable {
        case spawn(slot: Int, number: Int)
        /// Ask the process to send its clients away within this time and to exit.
        case drain(number: Int, over: Duration)
        /// Ask the process to close its sessions at once and to exit.
        case stop(number: Int)
        /// Kill the process.
        case kill(number: Int)
        /// Answer requests to the slot with 503, because it will have no process for a while.
        case refuse(slot: Int)
        /// A round begins in which every process is replaced.
        case beginReplacement
        /// The round ends early, because the new process of this slot has ended. The slots that follow keep their
        /// processes, and so does this one if `oldStays`.
        case abandonReplacement(slot: Int, oldStays: Bool)
        /// Every process has been replaced.
        case finishReplacement
        /// Every process has ended after a stop.
        case finish
    }

    /// How long a process may take from its start until it accepts connections.
    static let startTimeout = Duration.seconds(15)
    /// How long a process may take to exit after it was asked to, or after the time of its drain.
    static let stopTimeout = Duration.seconds(3)

    /// An empty slot refuses requests if its next process starts after this delay or later. During a shorter delay,
    /// connections wait.
    static let refusalDelay = Duration.seconds(1)

    enum Phase: Equatable {
        case starting(until: ContinuousClock.Instant)
        case serving(since: ContinuousClock.Instant)
        case stopping(until: ContinuousClock.Instant)
        /// The process was killed and has not been reaped.
        case dying(served: Duration)
    }

    fileprivate struct Process {
        let number: Int
        let slot: Int
        var phase: Phase
        var hasServed = false
    }

    private struct Slot {
        /// The process that accepts connections or will do so; nil while the slot is empty.
        var current: Int?
        /// The process that will take over from the current one.
        var replacement: Int?
        /// The time at which an empty slot gets its next process.
        var restartAt: ContinuousClock.Instant?
        var policy = RestartPolicy()
    }

    private var slots: [Slot]
    /// The processes that have not been reaped, in the order of their start.
    private var processes: [Process] = []
    private var lastNumber = 0
    /// True after a call of ``stop(at:isGraceful:)``.
    private(set) var isStopping = false
    private var replacement = ReplacementQueue()
    /// The killed processes that should have taken over from others.
    private var abandoned: Set<Int> = []
    private let drainTime: Duration

    /// - Parameter drainTime: the time within which a process sends its clients away before it exits; zero to close all
    ///   sessions at once.
    init(slots count: Int, drainTime: Duration = .zero) {
        slots = Array(repeating: Slot(), count: count)
        self.drainTime = drainTime
    }

    // MARK: Starting

    /// Starts a process in every slot.
    mutating func start(at now: ContinuousClock.Instant) -> [Action] {
        slots.indices.map { slot in
            slots[slot].current = lastNumber + 1
            return spawn(slot, at: now)
        }
    }

    private mutating func spawn(_ slot: Int, at now: ContinuousClock.Instant) -> Action {
        lastNumber += 1
        processes.append(
            Process(number: lastNumber, slot: slot, phase: .starting(until: now + Self.startTimeout)))
        return .spawn(slot: slot, number: lastNumber)
    }

    /// A process accepts connections. If it replaces another one, that one begins to drain.
    mutating func serving(_ number: Int, at now: ContinuousClock.Instant) -> [Action] {
        guard let index = index(of: number), case .starting = processes[index].phase else { return [] }
        processes[index].phase = .serving(since: now)
        processes[index].hasServed = true
        let slot = processes[index].slot
        guard slots[slot].replacement == number else { return continueReplacement(in: slot, at: now) }
        let old = slots[slot].current
        slots[slot].current = number
        slots[slot].replacement = nil
        return old.map { leave($0, over: drainTime, at: now) } ?? []
    }

    private func index(of number: Int) -> Int? {
        processes.firstIndex { $0.number == number }
    }

    /// True if the process has not accepted connections yet and is not to stop.
    func isStarting(_ number: Int) -> Bool {
        index(of: number).map { processes[$0].isStarting } ?? false
    }

    /// True if the process has not taken over from the one that it should replace.
    func isReplacement(_ number: Int) -> Bool {
        abandoned.contains(number) || slots.contains { $0.replacement == number }
    }

    // MARK: Ends

    /// A process hangs, or its link has ended, so it must be killed.
    mutating func evict(_ number: Int, at now: ContinuousClock.Instant) -> [Action] {
        guard let index = index(of: number) else { return [] }
        switch processes[index].phase {
        case .starting, .stopping: processes[index].phase = .dying(served: .zero)
        case .serving(let since): processes[index].phase = .dying(served: now - since)
        case .dying: return []
        }
        return [.kill(number: number)]
    }

    /// A process has ended, or could not be started.
    /// - Returns: the actions, and the delay before its successor starts; nil if there is none to start.
    mutating func ended(_ number: Int, at now: ContinuousClock.Instant) -> (actions: [Action], delay: Duration?) {
        guard let index = index(of: number) else { return ([], nil) }
        let process = processes.remove(at: index)
        abandoned.remove(number)
        let slot = process.slot
        guard !isStopping else { return (finishedActions, nil) }
        if slots[slot].replacement == number {
            slots[slot].replacement = nil
            return (abandonReplacement(in: slot, oldStays: true, at: now), nil)
        }
        guard slots[slot].current == number else { return (continueReplacement(in: slot, at: now), nil) }
        slots[slot].current = slots[slot].replacement
        slots[slot].replacement = nil
        guard slots[slot].current == nil else { return ([], nil) }
        let delay = slots[slot].policy.died(served: process.served(at: now))
        slots[slot].restartAt = now + delay
        var actions = abandonReplacement(afterEndOf: process, at: now)
        // Another round may have begun, which starts the next process at once.
        guard slots[slot].restartAt != nil else { return (actions, .zero) }
        if delay >= Self.refusalDelay { actions.append(.refuse(slot: slot)) }
        return (actions, delay)
    }

    private var finishedActions: [Action] {
        processes.isEmpty ? [.finish] : []
    }

    // MARK: Replacing

    /// Replaces every process, one slot after the other. The new process of a slot serves before the old one drains,
    /// and the next slot follows when the old one has ended.
    mutating func replaceAll(at now: ContinuousClock.Instant) -> [Action] {
        guard !isStopping, replacement.request(slots.count, after: lastNumber) else { return [] }
        return [.beginReplacement] + replaceNext(at: now)
    }

    private mutating func replaceNext(at now: ContinuousClock.Instant) -> [Action] {
        guard let slot = replacement.next() else { return endReplacement(.finishReplacement, at: now) }
        if slots[slot].current == nil {
            // An empty slot gets its next process at once.
            slots[slot].restartAt = nil
            slots[slot].current = lastNumber + 1
        } else {
            slots[slot].replacement = lastNumber + 1
        }
        return [spawn(slot, at: now)]
    }

    private mutating func endReplacement(_ end: Action, at now: ContinuousClock.Instant) -> [Action] {
        [end] + (replacement.end() ? replaceAll(at: now) : [])
    }

    /// Goes on to the next slot if this one is done: it has one process, which serves, or none.
    private mutating func continueReplacement(in slot: Int, at now: ContinuousClock.Instant) -> [Action] {
        guard replacement.slot == slot, slots[slot].replacement == nil else { return [] }
        let rest = processes.filter { $0.slot == slot }
        guard rest.allSatisfy({ $0.number == slots[slot].current && !$0.isStarting }) else { return [] }
        return replaceNext(at: now)
    }

    private mutating func abandonReplacement(
        in slot: Int, oldStays: Bool, at now: ContinuousClock.Instant
    ) -> [Action] {
        endReplacement(.abandonReplacement(slot: slot, oldStays: oldStays), at: now)
    }

    /// Ends the round if a process that it started, and that has taken over, ends before the round is over: the new
    /// program may be faulty. A process that has not taken over yet is killed, and the old one stays.
    private mutating func abandonReplacement(
        afterEndOf process: Process, at now: ContinuousClock.Instant
    ) -> [Action] {
        guard let slot = replacement.slot, process.number > replacement.lastOldNumber || process.slot == slot else {
            return []
        }
        var actions: [Action] = []
        if let number = slots[slot].replacement, let index = index(of: number) {
            slots[slot].replacement = nil
            abandoned.insert(number)
            processes[index].phase = .dying(served: .zero)
            actions.append(.kill(number: number))
        }
        return actions + abandonReplacement(in: process.slot, oldStays: false, at: now)
    }

    // MARK: Stopping

    /// Stops every process and starts no more.
    /// - Parameter isGraceful: true to send the clients away first.
    mutating func stop(at now: ContinuousClock.Instant, isGraceful: Bool = true) -> [Action] {
        guard !isStopping else { return [] }
        isStopping = true
        for slot in slots.indices { slots[slot].restartAt = nil }
        let time = isGraceful ? drainTime : .zero
        return processes.map(\.number).flatMap { leave($0, over: time, at: now) } + finishedActions
    }

    private mutating func leave(
        _ number: Int, over time: Duration, at now: ContinuousClock.Instant
    ) -> [Action] {
        guard let index = index(of: number) else { return [] }
        let deadline = now + time + Self.stopTimeout
        switch processes[index].phase {
        case .starting, .serving: processes[index].phase = .stopping(until: deadline)
        case .stopping(let earlier): processes[index].phase = .stopping(until: min(earlier, deadline))
        case .dying: return []
        }
        return [time > .zero ? .drain(number: number, over: time) : .stop(number: number)]
    }

    // MARK: Time

    /// The actions that are due.
    mutating func due(at now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for slot in slots.indices {
            guard let restartAt = slots[slot].restartAt, restartAt <= now else { continue }
            slots[slot].restartAt = nil
            slots[slot].current = lastNumber + 1
            actions.append(spawn(slot, at: now))
        }
        for process in processes where process.deadline.map({ $0 <= now }) ?? false {
            actions += evict(process.number, at: now)
        }
        return actions
    }

    /// The time for the next call to ``due(at:)``; nil if nothing is scheduled.
    var nextDeadline: ContinuousClock.Instant? {
        (processes.compactMap(\.deadline) + slots.compactMap(\.restartAt)).min()
    }
}

extension SupervisorStateMachine.Process {
    fileprivate var isStarting: Bool {
        if case .starting = phase { true } else { false }
    }

    fileprivate var deadline: ContinuousClock.Instant? {
        switch phase {
        case .starting(let instant), .stopping(let instant): instant
        case .serving, .dying: nil
        }
    }

    /// How long the process has accepted connections.
    fileprivate func served(at now: ContinuousClock.Instant) -> Duration {
        switch phase {
        case .serving(let since): now - since
        case .dying(let served): served
        case .starting, .stopping: .zero
        }
    }
}
