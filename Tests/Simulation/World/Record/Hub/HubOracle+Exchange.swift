import Actors
import Cluster
import Transport

/// What the hub exchanges with those of other hosts.
extension HubOracle {
    func arrived(_ requests: [HubRequest], from incarnation: Incarnation, at now: ContinuousClock.Instant) {
        guard let exchange else { return }
        for case .unregister(let key, _) in requests {
            guard let session = valid(key, incarnation) else { continue }
            // The hub may keep the request behind messages on their way. No inquiry reaches the socket meanwhile.
            session.isLeaving = true
            inquiries.left(session.id)
        }
        for request in requests where request.nameOfMessage != nil {
            if let sender = request.senderOfMessage, valid(sender, incarnation) == nil { continue }
            exchange.arrived(request)
        }
    }

    func handles(_ delivery: BackplaneDelivery, lastPublished: Int64, at now: ContinuousClock.Instant) {
        record.trace("the hub of \(exchange?.node ?? "") handles \(delivery.words)")
        beginMessage(nil)
        for message in exchange?.handles(delivery, lastPublished: lastPublished, at: now) ?? [] { lost(message) }
        switch delivery {
        case .asked(.sockets(let selection), _): fetched(selection, isOwn: false)
        case .asked(.clients(let broadcast), _): inquiries.ordered(.clients(broadcast), all.filter { !$0.isLeaving })
        case .reached(let entry): _ = positions.advance(to: entry, at: now)
        case .gap: record.note(.gapDelivered)
        case .kept(let number, let answer): kept.answered(number, answer, of: self)
        case .keptSessionsMayBeLost: kept.valuesMayBeLost(at: self)
        case .disconnected: kept.connectionEnded(of: self)
        default: break
        }
    }

    func applies(
        _ message: BackplaneMessage, of origin: Incarnation?, entry: EntryID?, at now: ContinuousClock.Instant
    ) {
        record.trace("the hub of \(exchange?.node ?? "") applies \(message.name)")
        exchange?.applies(message, isOwn: origin != nil, entry: entry, at: now)
        if origin != nil, entry == nil, positions.areShared {
            // Its entry may be behind others all the same.
            if let name = message.uniqueName { record.sharedOrder.exempt(name) }
            kept.appliesAlone(message)
        }
        let isPlaced = advance(to: entry, at: now)
        beginMessage(message)
        if origin == nil { record.note(.messageOfOtherHost) }
        switch message {
        case .event(let broadcast): order(broadcast, isPlaced: isPlaced, at: now)
        case .change(let selection, let change): carryOut(change, on: selection)
        case .serverEvent, .marker, .roomMarker, .host: break
        }
    }

    /// Takes the position of a message's entry. If it is not above the present one, events may be missing here.
    private func advance(to entry: EntryID?, at now: ContinuousClock.Instant) -> Bool {
        guard let entry, positions.areShared else { return false }
        guard !positions.advance(to: entry, at: now) else { return true }
        record.note(.entryBelowPosition)
        skipPosition(at: now)
        lastGap = head
        return false
    }

    func notedGap(at now: ContinuousClock.Instant) {
        // Entries wait until they are read, also during an outage.
        record.require(
            !positions.areShared || exchange?.handlesGap == true, .noNeedlessRefusal,
            "\(exchange?.node ?? "") drops its events, although no entry is lost")
        skipPosition(at: now)
        lastGap = head
        lastGapStep = record.time
        moves.noteDisturbance()
    }

    /// Marks the sessions that a lost message concerns. They must not be recovered from a position before this place.
    private func lost(_ lost: HostExchange.LostMessage) {
        record.trace("\(exchange?.node ?? "") has lost \(lost.message.name)")
        happened(.lost(lost, position: head))
        for session in all { self.lost(lost, by: session) }
    }

    func lost(_ lost: HostExchange.LostMessage, by session: Session) {
        let isAddressed =
            switch lost.message {
            case .event(let broadcast): !broadcast.isVolatile && session.isAddressed(by: broadcast)
            case .change(let selection, _): session.isAddressed(by: selection)
            case .serverEvent, .marker, .roomMarker, .host: false
            }
        guard isAddressed else { return }
        record.note(.messageLost)
        record.require(
            !lost.isUnsubscribed || !session.isConnected, .hostsShareOneOrder,
            "\(session.id) is connected, but messages of \(session.namespace) do not reach its host")
        session.lostUpTo = session.place(of: head)
    }

    /// Records the sockets that the hub must name in the answer to a fetch.
    func fetched(_ selection: SocketSelection, isOwn: Bool) {
        let found = all.filter { $0.isConnected && $0.isAddressed(by: selection) }
        operations.fetched(
            selection, found.map { FetchedSocket(id: $0.id, rooms: $0.rooms.sorted(), data: $0.data) },
            at: exchange?.node ?? "", isOwn: isOwn)
    }
}
