import Actors
import Cluster
import SimulatedMachine

/// Reading the stream of a broker that keeps messages, and adding to it. What this host sends is sent again on the next
/// connection until the broker has confirmed it.
extension SimulatedBackplane {
    /// How long a question waits at most for the entries before it.
    private static let questionTime = Duration.seconds(1)

    func abandon() {
        place.unconfirmed = []
        waiting.removeAll { if case .message = $0 { true } else { false } }
    }

    func add(_ item: BrokerItem) {
        place.unconfirmed.append(item)
        if isConnected, let link, link.end == nil { link.outgoing.append(item) }
    }

    /// Continues at the last entry that was read.
    func finishConnectingToStream(_ link: BrokerLink) {
        guard let stream = world.broker.stream else { return }
        if place.last == nil || place.run != stream.run {
            let isFirst = place.last == nil
            place.last = min(place.last ?? stream.last, stream.last)
            place.run = stream.run
            reportGap()
            if !isFirst { deliver(.keptSessionsMayBeLost) }
        }
        for case .message(let message, _, _) in place.unconfirmed { exchange.publishesAgain(message.number) }
        link.outgoing = place.unconfirmed + link.outgoing
        world.record.note(.brokerConnected)
        deliver(.connected)
    }

    private func reportGap() {
        for entry in place.missed { lose(entry.message.message) }
        (place.missed, place.mayMiss) = ([], false)
        deliver(.gap)
    }

    /// Reads the next entries.
    func read() {
        guard let last = place.last, let stream = world.broker.stream else { return }
        nodeCount = world.broker.nodeCount(of: "/")
        if place.mayMiss { reportGap() }
        let entries = stream.entries(after: last, count: world.kernel.choices.within(1...5))
        for entry in entries {
            place.last = entry.id
            deliver(entry)
        }
        if entries.isEmpty { place.last = stream.last }
        if let last = place.last { deliver(.reached(last)) }
        passHeld()
    }

    private func deliver(_ entry: SimulatedStream.Entry) {
        let message = entry.message
        guard entry.node != node else { return deliver(.returned(message.number, entry: entry.id)) }
        let namespace = message.message.namespaceName
        let isForAll = if case .host = message.message { true } else { false }
        guard isForAll || namespaces.contains(namespace) else {
            return lose(message.message, isUnsubscribed: true)
        }
        let stamp = EventStamp(
            node: entry.node, number: Int(message.number), previous: entry.previous.map { Int($0) }, row: nil)
        let sighting = numbers[namespace, default: EventNumbers()].see(stamp)
        guard sighting != .late else {
            if case .marker = message.message { return }
            return world.record.note(.lateMessageDropped)
        }
        checkOrder(of: message, from: entry.node)
        if sighting == .gap { deliver(.gap) }
        deliver(.received(message.message, row: message.row, entry: entry.id))
    }

    // MARK: Questions

    /// Passes a question of another host on, when this host has read what the other had added before.
    func asked(_ question: BackplaneQuestion, _ asker: BackplaneAsker, after: EntryID?) {
        guard let after, let last = place.last, after > last else { return deliver(.asked(question, asker)) }
        world.record.note(.questionHeld)
        place.held.append(
            StreamPlace.HeldQuestion(
                question: question, asker: asker, after: after, deadline: now + Self.questionTime))
    }

    /// True if a question has waited for too long.
    var hasReadyQuestions: Bool { place.held.contains { now >= $0.deadline } }

    func passHeld() {
        for held in place.takeReady(at: now) { deliver(.asked(held.question, held.asker)) }
    }
}
