import Actors
import Cluster
import SimulatedMachine
import Transport

/// Checks how one hub handles what its backplane delivers, and how it applies its own messages.
///
/// The backplane of each host delivers messages in the broker's one order. If each hub handles its deliveries in their
/// order, and applies its own messages where they return, all hosts apply all messages in one order.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class HostExchange: @unchecked Sendable {
    /// What the hub has to handle, in order.
    private enum Due {
        case delivery(BackplaneDelivery)
        case lost(LostMessage)
    }

    /// A message in the broker's order that does not reach this host.
    struct LostMessage {
        let message: BackplaneMessage
        /// True if the host was connected and had not subscribed to the messages of the namespace.
        let isUnsubscribed: Bool
    }

    /// An own message that was given to the backplane.
    private struct Published {
        let number: UInt64
        let message: BackplaneMessage
    }

    /// The name of the host's node at the broker.
    let node: String
    private let record: Record
    private let patience: Duration
    private let isStopping: () -> Bool
    private var due: [Due] = []
    private var published: [Published] = []
    /// The events and changes of workers that were not applied, by their names.
    private var unapplied: Set<String> = []
    /// The message that the hub must apply next.
    private var expected: BackplaneMessage?
    /// Its entry at a broker that keeps messages.
    private var expectedEntry: EntryID?
    private var lastReturned: UInt64 = 0
    /// The entry of this message at a broker that keeps messages.
    private var returnedEntry: EntryID?
    private var lastApplied: UInt64 = 0
    /// When the host is cut off; nil while it is connected.
    private var isCutOffAt: ContinuousClock.Instant?
    /// When the host would have been cut off without the present connection, on which nothing has come back yet.
    private var earlierCutOffAt: ContinuousClock.Instant?
    /// True from the hub's report that the host is cut off until it is connected.
    private var hasReportedCutOff = false
    /// True if the delivery that the hub handles is a gap.
    private(set) var handlesGap = false
    /// The number of the last message that was given to the backplane.
    private var lastPublished: UInt64 = 0
    /// What was given to the backplane up to this number, the hub has applied alone.
    private var abandonedUpTo: UInt64 = 0
    private var rowWaits = RowWaits()
    /// The step at which the host or its connection was last disturbed.
    var lastDisturbance = 0
    /// The loop of the hub; nil before its start.
    private weak var loop: EventLoop?

    /// - Parameters:
    ///   - patience: how long the hub waits for a connection before it continues alone.
    ///   - isStopping: returns true if the server was asked to stop.
    init(_ record: Record, node: String, patience: Duration, isStopping: @escaping () -> Bool) {
        self.record = record
        self.node = node
        self.patience = patience
        self.isStopping = isStopping
    }

    private func require(_ condition: Bool, _ detail: @autoclosure () -> String) {
        record.require(condition, .hostsShareOneOrder, "\(node) \(detail())")
    }

    // MARK: The backplane

    /// The hub is about to start.
    func begins(on loop: EventLoop) {
        self.loop = loop
        isCutOffAt = loop.now + patience
    }

    /// The backplane delivers something.
    func delivers(_ delivery: BackplaneDelivery, at now: ContinuousClock.Instant) {
        due.append(.delivery(delivery))
        if case .received(_, _?, _) = delivery { rowWaits.arrived(at: now) }
    }

    /// A message in the broker's order will not reach this host.
    func loses(_ lost: LostMessage) {
        if case .marker = lost.message { return }
        due.append(.lost(lost))
    }

    func publishes(_ messages: [OutgoingMessage], at now: ContinuousClock.Instant) {
        for message in messages {
            lastPublished = max(lastPublished, message.number)
            if case .marker = message.message { continue }
            published.append(Published(number: message.number, message: message.message))
        }
    }

    // MARK: The hub

    /// Records requests that become messages.
    func arrived(_ request: HubRequest) {
        checkExpected()
        if let name = request.nameOfMessage { unapplied.insert(name) }
    }

    /// The hub carries out a request that stays on this host.
    func carriedOut(_ request: HubRequest) {
        if let name = request.nameOfMessage { unapplied.remove(name) }
    }

    /// Handles a delivery.
    /// - Returns: the messages before it that are lost.
    func handles(
        _ delivery: BackplaneDelivery, lastPublished: Int64, at now: ContinuousClock.Instant
    ) -> [LostMessage] {
        checkExpected()
        handlesGap = delivery == .gap
        guard let index = due.firstIndex(where: { if case .delivery = $0 { true } else { false } }),
            case .delivery(let next) = due.remove(at: index)
        else {
            require(false, "handles \(delivery), which was not delivered")
            return []
        }
        require(next == delivery, "handles \(delivery.words) instead of \(next.words)")
        let lost = takeLost(index, before: delivery)
        switch delivery {
        case .received(let message, let row, let entry):
            if let row { check(row, lastPublished, at: now) }
            if case .marker = message { break }
            (expected, expectedEntry) = (message, entry)
        case .begun(let number):
            if number > lastReturned { (lastReturned, returnedEntry) = (number, nil) }
        case .returned(let number, let entry):
            if number > lastReturned { (lastReturned, returnedEntry) = (number, entry) }
            earlierCutOffAt = nil
        case .connected:
            if hasReportedCutOff { checkNothingWaits() }
            earlierCutOffAt = hasReportedCutOff ? now : isCutOffAt
            hasReportedCutOff = false
            isCutOffAt = nil
        case .disconnected: if isCutOffAt == nil { isCutOffAt = earlierCutOffAt ?? now + patience }
        default: break
        }
        return lost
    }

    /// Removes the lost messages before a delivery. While a host has no connection, it recovers sessions without what
    /// other hosts send, as its connected sessions go without it; it notes the gap when it is connected again.
    private func takeLost(_ count: Int, before delivery: BackplaneDelivery) -> [LostMessage] {
        switch delivery {
        case .disconnected where isCutOffAt != nil: return []
        // It is reported ahead of the end of the connection, and has no place among the messages.
        case .questionEnded: return []
        // Its gap is reported behind it.
        case .begun: return []
        default: break
        }
        let lost = due.prefix(count).compactMap { if case .lost(let message) = $0 { message } else { nil } }
        due.removeFirst(count)
        return lost
    }

    private func check(_ row: Int64, _ lastPublished: Int64, at now: ContinuousClock.Instant) {
        let mayBeHandled = rowWaits.handled(isPublished: row <= lastPublished, at: now)
        // A server that stops does not read any more.
        record.require(
            mayBeHandled || isStopping(), .rowsPrecedeEvents,
            "\(node) applies an event behind row \(row) at row \(lastPublished)")
    }

    /// The store has found every row that existed when the call began. The hub learns that later, behind what already
    /// waits for its loop.
    func readAllRows() {
        loop?.execute { [weak self] in self?.rowWaits.readAll() }
    }

    /// True if the hub has a connection to the broker.
    var isConnected: Bool { isCutOffAt == nil }

    private func isCutOff(at now: ContinuousClock.Instant) -> Bool { isCutOffAt.map { now >= $0 } ?? false }

    /// The hub reports that the host is cut off. Everything that waited was applied.
    func wasCutOff() {
        hasReportedCutOff = true
        abandonedUpTo = lastPublished
        checkNothingWaits()
    }

    private func checkNothingWaits() {
        record.require(
            unapplied.isEmpty, .cutOffHostContinues, "\(node) has not applied \(unapplied.sorted()), and is cut off")
    }

    /// Checks that the hub has applied what it has handled.
    private func checkExpected() {
        require(expected == nil, "does not apply \(expected?.name ?? "a message") of another host")
        expected = nil
        while let first = published.first, first.number <= lastReturned {
            require(false, "does not apply its message \(first.number), which has returned")
            published.removeFirst()
        }
    }

    func applies(_ message: BackplaneMessage, isOwn: Bool, entry: EntryID?, at now: ContinuousClock.Instant) {
        if case .marker = message { return }
        if let name = message.uniqueName { record.sharedOrder.apply(name, at: node) }
        guard isOwn else {
            require(
                expected == message && entry == expectedEntry,
                "applies \(message.name) of another host out of its order")
            expected = nil
            return
        }
        unapplied.remove(message.name)
        guard let index = published.firstIndex(where: { $0.message == message }) else {
            return require(
                isCutOff(at: now), "applies \(message.name) without publishing it, or again, although it is connected")
        }
        let number = published[index].number
        published.remove(at: index)
        // A message whose return is lost is applied at the return of the next one, or when a connection begins.
        require(
            number <= lastReturned || isCutOff(at: now),
            "applies its message \(number), \(message.name), before it has returned")
        if number > lastReturned, let name = message.uniqueName {
            // The broker may have it, and pass it on to the others later.
            record.sharedOrder.exempt(name)
        }
        let expectedEntry = number == lastReturned ? returnedEntry : nil
        require(entry == expectedEntry, "applies \(message.name) at another place than that of its entry")
        require(number > lastApplied, "applies its message \(number) after \(lastApplied)")
        lastApplied = number
    }

    /// The backplane publishes a message after an outage.
    func publishesAgain(_ number: UInt64) {
        record.require(
            number > abandonedUpTo, .cutOffHostContinues,
            "\(node) publishes message \(number), which it has applied alone")
    }

    // MARK: The end

    /// What the hub has not done yet; nil if nothing.
    var remainder: String? {
        let unhandled = due.count { if case .delivery = $0 { true } else { false } }
        if unhandled > 0 { return "\(node) has not handled \(unhandled) deliveries" }
        if isCutOffAt != nil { return "\(node) is not connected" }
        if !published.isEmpty { return "\(node) waits for the return of \(published.map(\.message.name))" }
        if !unapplied.isEmpty { return "\(node) has not applied \(unapplied.sorted())" }
        return nil
    }
}
