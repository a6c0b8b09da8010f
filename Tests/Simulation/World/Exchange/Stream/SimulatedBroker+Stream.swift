import Cluster
import SimulatedMachine

/// The stream of a broker that keeps messages.
extension SimulatedBroker {
    /// True if a host can read entries on this connection.
    func hasEntries(for link: BrokerLink) -> Bool {
        guard let stream, link.backplane.link === link, link.backplane.isConnected else { return false }
        return link.backplane.place.last.map { stream.last > $0 } ?? false
    }

    /// Adds a message that a host has sent.
    func add(_ item: BrokerItem, of link: BrokerLink) {
        guard case .message(let message, let node, let previous) = item else { return }
        let milliseconds = Int(world.kernel.elapsed / .milliseconds(1))
        let entry = stream?.add(message, of: node, previous: previous, at: milliseconds)
        world.record.note(entry == nil ? .entryRepeated : .entryAdded)
        if !link.isGivenUp { link.incoming.append(.confirmation(message.number)) }
        guard let entry else { return }
        world.keptSessions.added(entry)
        world.record.trace("the broker adds \(message.message.name) of \(node) as \(entry.id)")
        count(message.message, for: link)
        // A host that has never been connected begins at the end of the stream.
        for backplane in backplanes where backplane.place.last == nil && backplane.node != node {
            backplane.lose(message.message)
        }
        for trimmed in stream?.trim() ?? [] {
            world.record.note(.entryTrimmed)
            remove(trimmed)
        }
    }

    /// An entry is removed. Hosts that have not read it miss it.
    private func remove(_ entry: SimulatedStream.Entry) {
        for backplane in backplanes where backplane.place.removed(entry, at: backplane.node) {
            world.record.trace("\(backplane.node) misses \(entry.message.message.name)")
            world.record.note(.entriesMissed)
            world.moves.noteDisturbance()
        }
    }

    /// The server starts again, or another one takes over. It may have lost the latest entries, and its clock may be
    /// behind, so that ids of entries go back.
    func restartStream() {
        guard stream != nil else { return }
        let losesAll = world.settings.keepsSessions && world.kernel.choices.chance(perMille: 100)
        var count = world.kernel.choices.chance(perMille: 300) ? world.kernel.choices.within(1...10) : 0
        if losesAll { count = .max }
        let delay = world.kernel.choices.chance(perMille: 100) ? world.kernel.choices.below(5000) : 0
        let lost = stream?.restart(losing: count, delay: delay) ?? []
        world.keptSessions.lost(lost.count)
        restartKeys(losesAll: losesAll)
        for entry in lost {
            world.record.trace("the broker loses \(entry.message.message.name)")
            world.record.note(.entriesLost)
            // A host may have read it. Its sender adds it again, at another place.
            if let name = entry.message.message.uniqueName { world.record.sharedOrder.exempt(name) }
            remove(entry)
        }
    }

    private func restartKeys(losesAll: Bool) {
        guard world.settings.keepsSessions else { return }
        let count = world.kernel.choices.chance(perMille: 300) ? world.kernel.choices.within(1...10) : 0
        let lost = losesAll ? keys.removeAll() : keys.restart(after: stream?.last ?? .zero, losing: count)
        if !lost.isEmpty { world.record.trace("the broker loses changes of \(lost.count) sessions") }
        world.keptSessions.lost(lost)
    }
}
