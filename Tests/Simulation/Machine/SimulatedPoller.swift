import Transport

/// The descriptors that one driven loop watches.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread, and ``wake()`` checks that.
final class SimulatedPoller: Poller, @unchecked Sendable {
    private struct Watch {
        var interest: EventMask
        var token: UInt64
    }

    private let process: SimulatedProcess
    private var watches: [CInt: Watch] = [:]
    private var isWoken = false

    init(of process: SimulatedProcess) {
        self.process = process
    }

    func watch(_ descriptor: CInt, for interest: EventMask, token: UInt64) throws(SystemError) {
        guard !process.hasEnded else { return }
        precondition(watches[descriptor] == nil && process.file(descriptor) != nil, "a descriptor is watched once")
        watches[descriptor] = Watch(interest: interest, token: token)
    }

    func setInterest(_ interest: EventMask, of descriptor: CInt, token: UInt64) {
        watches[descriptor]?.interest = interest
    }

    func unwatch(_ descriptor: CInt) {
        watches[descriptor] = nil
    }

    func wake() {
        process.kernel.checkThread()
        isWoken = true
    }

    /// The ready events of a descriptor. As in epoll, failures are reported even if they were not requested.
    private func events(of descriptor: CInt, _ watch: Watch) -> EventMask {
        guard let file = process.file(descriptor), !(file is PipeReadEnd && process.neglectsPipes) else { return [] }
        return file.readiness.intersection(watch.interest.union(.failed))
    }

    /// True if ``wait(until:into:)`` would report something.
    var hasWork: Bool {
        isWoken || watches.contains { !events(of: $0.key, $0.value).isEmpty }
    }

    func wait(until deadline: ContinuousClock.Instant?, into ready: inout [Readiness]) -> Bool {
        ready.removeAll(keepingCapacity: true)
        for (descriptor, watch) in watches.sorted(by: { $0.key < $1.key }) {
            let events = events(of: descriptor, watch)
            if !events.isEmpty { ready.append(Readiness(token: watch.token, events: events)) }
        }
        ready.shuffle(using: &process.kernel.choices)
        // epoll may report fewer events than are ready.
        if ready.count > 1, process.kernel.choices.chance(perMille: 200) {
            ready.removeLast(process.kernel.choices.below(ready.count))
        }
        if isWoken { process.noteProgress() }
        defer { isWoken = false }
        return isWoken
    }
}
