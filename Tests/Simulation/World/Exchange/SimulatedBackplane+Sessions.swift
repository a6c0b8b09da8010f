import Cluster
import SimulatedMachine
import Transport

/// The sessions that the broker keeps.
extension SimulatedBackplane {
    var keepsSessions: Bool { world.settings.keepsSessions }

    func carryOut(_ command: SessionCommand, _ number: UInt64) {
        world.keptSessions.sends(command, number, by: model, at: loop.now)
        // A hub that has not heard of the end of the connection may send more.
        guard isConnected, unheardEnds == 0, let link, link.end == nil else { return }
        link.outgoing.append(.command(command, number))
    }

    func delivers(_ namespace: String, since entry: EntryID) -> Bool {
        guard namespaces.contains(namespace), let first = place.first else { return false }
        return max(first, openedAt[namespace] ?? first) <= entry
    }
}

extension SimulatedBroker {
    /// Carries out a command about sessions.
    func carryOut(_ command: SessionCommand, of link: BrokerLink) -> SessionAnswer {
        if case .read(let range) = command.content {
            world.record.note(.historyPageRead)
            let page = stream?.page(of: range, count: world.kernel.choices.within(1...6))
            world.record.trace("\(link.node) reads \(page?.messages.count ?? -1) messages of \(range)")
            return SessionAnswer(.history(page))
        }
        let secret = command.secret
        let old = keys.value(of: secret, at: world.kernel.elapsed)
        let answer = keys.carryOut(command, after: stream?.last ?? .zero, at: world.kernel.elapsed)
        guard let answer else { return SessionAnswer(.failed(reason: "unknown command")) }
        world.record.trace(
            "the broker answers \(link.node) on \(command.words) of \(secret): \(answer.words)")
        var taken: SessionDigest?
        if case .value(let bytes?) = answer.content { taken = SessionDigest(of: bytes) }
        world.keptSessions.carriedOut(
            command, answer, of: secret, over: taken ?? old?.digest, by: link.model, isHeard: !link.isGivenUp,
            world.moves.oracles())
        return answer
    }
}

extension SessionCommand {
    /// The secret of the session that it is about.
    fileprivate var secret: SessionID {
        switch content {
        case .write(let id, _, _, _), .check(let id, _), .remove(let id, _), .end(let id, _, _), .take(let id, _, _): id
        case .read: preconditionFailure("a read is about no session")
        }
    }

    /// The text for the trace.
    fileprivate var words: String {
        switch content {
        case .write: "a write"
        case .check: "a check"
        case .remove: "a removal"
        case .end: "an end"
        case .take: "a take"
        case .read: "a read"
        }
    }
}

extension SessionAnswer {
    /// The text for the trace.
    var words: String {
        switch content {
        case .done: "done"
        case .other: "another value"
        case .absent: "no value"
        case .taken: "taken by another host"
        case .value(let value): value == nil ? "nothing" : "a value"
        case .history(let page): "\(page?.messages.count ?? -1) messages"
        case .failed(let reason): reason
        }
    }
}

extension EntryID {
    /// The id before all entries.
    static let zero = EntryID(milliseconds: 0, sequence: 0)
}
