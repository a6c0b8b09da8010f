import Actors
import Persistence
import Transport

/// Events and subscriptions.
extension HubStateMachine {
    /// True if the session has a connected socket in this namespace.
    func isConnected(_ id: SessionID, in namespace: String) -> Bool {
        sessions[id].map { $0.isConnected && $0.namespace == namespace } ?? false
    }

    /// Applies a message of a backplane at the present position.
    /// - Parameters:
    ///   - origin: the worker that sent it; nil if it comes from another host.
    ///   - entry: the name of the message at a broker that keeps messages.
    mutating func apply(
        _ message: BackplaneMessage, of origin: Incarnation?, entry: EntryID?, at now: ContinuousClock.Instant,
        into output: inout Output
    ) {
        let isPlaced = advance(to: entry)
        switch message {
        case .event(let broadcast): emit(groups.expand(broadcast), isPlaced: isPlaced, at: now, into: &output)
        case .change(let selection, let change): carryOut(change, on: selection, into: &output)
        case .serverEvent(let event): emit(event, from: origin, into: &output)
        // A room that no socket has joined after all is closed.
        case .roomMarker(let room): members.note(.room(room.name, namespace: room.namespace))
        case .marker, .host: break
        }
    }

    /// - Parameter isPlaced: true if the position is that of the event already.
    mutating func emit(
        _ broadcasts: [Broadcast], isPlaced: Bool = false, at now: ContinuousClock.Instant, into output: inout Output
    ) {
        for broadcast in broadcasts {
            if !isPlaced { step() }
            if !broadcast.isVolatile { log?.append(broadcast, position: head, at: now) }
            let event = HubEvent.broadcast(broadcast, position: head)
            for incarnation in incarnations(addressedBy: broadcast) { output.append(event, for: incarnation) }
        }
    }

    /// Answers a subscription. In a shared store, a start above the published rows waits: the client may have got the
    /// row from another server.
    mutating func subscribe(_ key: SessionKey, of incarnation: Incarnation, into output: inout Output) {
        guard let session = session(key, of: incarnation) else { return }
        guard !isStoreShared || session.awaitedRow <= lastPublished else {
            return looks.hold(key, of: incarnation, startRow: session.awaitedRow)
        }
        answerSubscription(of: key, session, by: incarnation, into: &output)
    }

    /// Answers the subscriptions that waited for rows or for the end of a read.
    mutating func answerHeldSubscriptions(into output: inout Output) {
        for waiting in looks.takeReady(lastPublished: lastPublished) {
            guard let session = session(waiting.key, of: waiting.owner) else { continue }
            answerSubscription(of: waiting.key, session, by: waiting.owner, into: &output)
        }
    }

    private mutating func answerSubscription(
        of key: SessionKey, _ session: HubSession, by incarnation: Incarnation, into output: inout Output
    ) {
        if !session.isSubscribed {
            sessions[key.id]?.isSubscribed = true
            interest.add(incarnation, to: .messages)
        }
        output.append(
            .subscribed(key.id, lastPublished: lastPublished, highest: highestAssigned), for: incarnation)
    }
}
