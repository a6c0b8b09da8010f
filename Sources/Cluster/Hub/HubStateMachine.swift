import Actors
import Persistence
import Transport

/// The one place that orders everything: events by position, stored messages by id, both into one stream for each
/// worker.
///
/// A value without I/O. Operations and the store's reports go in, stream items for the incarnations come out, in order.
struct HubStateMachine {
    /// Items for the incarnations, to be sent in this order.
    struct Output {
        private(set) var items: [(incarnation: Incarnation, items: [StreamItem])] = []

        mutating func append(_ item: StreamItem, for incarnation: Incarnation) {
            if let index = items.firstIndex(where: { $0.incarnation == incarnation }) {
                items[index].items.append(item)
            } else {
                items.append((incarnation, [item]))
            }
        }
    }

    /// Random for each start of a hub: positions of different epochs do not compare.
    let epoch: String
    /// The position of the last event.
    private(set) var head: UInt64 = 0
    /// The id of the last published message: everything up to it has been given to every interested worker.
    private(set) var lastPublished: Int64
    /// The highest id this store has ever given.
    private(set) var highestAssigned: Int64
    private(set) var sessions: [SessionID: HubSession] = [:]
    private(set) var storeQueue = StoreQueue()
    private var interest = InterestTable()
    private var lastIncarnation: UInt64 = 0

    /// - Parameters:
    ///   - lastPublished: the highest row id in the store.
    ///   - highestAssigned: the highest one that was ever there.
    init(epoch: String, lastPublished: Int64, highestAssigned: Int64) {
        self.epoch = epoch
        self.lastPublished = lastPublished
        self.highestAssigned = max(lastPublished, highestAssigned)
    }

    /// A worker's process begins.
    mutating func attach() -> Incarnation {
        lastIncarnation += 1
        return Incarnation(number: lastIncarnation)
    }

    /// A worker's process is gone, and with it its sessions.
    mutating func detach(_ incarnation: Incarnation) {
        let gone = sessions.filter { $0.value.owner == incarnation }
        for (id, session) in gone { remove(id, session) }
    }

    // MARK: Operations

    /// Orders the operations of one incarnation, in their order.
    mutating func receive(_ operations: [Operation], from incarnation: Incarnation, into output: inout Output) {
        for operation in operations {
            receive(operation, from: incarnation, into: &output)
        }
    }

    private mutating func receive(_ operation: Operation, from incarnation: Incarnation, into output: inout Output) {
        switch operation {
        case .register(let key, let namespace):
            register(key, in: namespace, of: incarnation, into: &output)
        case .unregister(let key):
            guard let session = session(key, of: incarnation) else { return }
            remove(key.id, session)
        case .join(let key, let room):
            guard session(key, of: incarnation) != nil else { return }
            join(key.id, room)
            output.append(.joined(key.id, room: room), for: incarnation)
        case .leave(let key, let room):
            guard session(key, of: incarnation) != nil else { return }
            leave(key.id, room)
            output.append(.left(key.id, room: room), for: incarnation)
        case .emit(let broadcast, let sender):
            if let sender, session(sender, of: incarnation) == nil { return }
            emit(broadcast, into: &output)
            if let sender { output.append(.emitted(sender.id), for: incarnation) }
        case .store(let key, let draft):
            guard session(key, of: incarnation) != nil else { return }
            storeQueue.append(StoreQueue.Request(session: key, owner: incarnation, draft: draft))
        case .subscribe(let key):
            subscribe(key, of: incarnation, into: &output)
        }
    }

    private func session(_ key: SessionKey, of incarnation: Incarnation) -> HubSession? {
        guard let session = sessions[key.id], session.ownerEpoch == key.ownerEpoch, session.owner == incarnation else {
            return nil
        }
        return session
    }

    private mutating func register(
        _ key: SessionKey, in namespace: String, of incarnation: Incarnation, into output: inout Output
    ) {
        guard sessions[key.id] == nil else { return }
        sessions[key.id] = HubSession(
            namespace: namespace, owner: incarnation, ownerEpoch: key.ownerEpoch, registeredAt: head)
        interest.add(incarnation, to: .everyone(namespace: namespace))
        output.append(.registered(key.id, position: head), for: incarnation)
    }

    private mutating func remove(_ id: SessionID, _ session: HubSession) {
        sessions[id] = nil
        interest.remove(session.owner, from: .everyone(namespace: session.namespace))
        if session.isSubscribed { interest.remove(session.owner, from: .messages) }
        for room in session.rooms.keys {
            interest.remove(session.owner, from: .room(room, namespace: session.namespace))
        }
    }

    private mutating func join(_ id: SessionID, _ room: String) {
        guard let session = sessions[id], session.rooms[room] == nil else { return }
        sessions[id]?.rooms[room] = head
        interest.add(session.owner, to: .room(room, namespace: session.namespace))
    }

    private mutating func leave(_ id: SessionID, _ room: String) {
        guard let session = sessions[id], session.rooms[room] != nil else { return }
        sessions[id]?.rooms[room] = nil
        interest.remove(session.owner, from: .room(room, namespace: session.namespace))
    }

    private mutating func emit(_ broadcast: Broadcast, into output: inout Output) {
        head += 1
        let item = StreamItem.event(broadcast, position: head)
        for incarnation in audience(of: broadcast) { output.append(item, for: incarnation) }
    }

    private func audience(of broadcast: Broadcast) -> [Incarnation] {
        let namespace = broadcast.namespace
        guard !broadcast.rooms.isEmpty else { return interest.incarnations(of: .everyone(namespace: namespace)) }
        var found = interest.incarnations(ofAny: broadcast.rooms.map { .room($0, namespace: namespace) })
        // A socket's own room is implicit: it has no entry in the interest table.
        for room in broadcast.rooms {
            guard let id = SessionID(room), let session = sessions[id], session.namespace == namespace,
                !found.contains(session.owner)
            else { continue }
            found.append(session.owner)
        }
        return found
    }

    private mutating func subscribe(_ key: SessionKey, of incarnation: Incarnation, into output: inout Output) {
        guard let session = session(key, of: incarnation) else { return }
        if !session.isSubscribed {
            sessions[key.id]?.isSubscribed = true
            interest.add(incarnation, to: .messages)
        }
        output.append(
            .subscribed(key.id, lastPublished: lastPublished, highest: highestAssigned), for: incarnation)
    }

    // MARK: The store

    /// Takes the next group to the disk; nil while one is there or none waits.
    mutating func nextGroup() -> [StoreRequest]? {
        storeQueue.nextGroup()?.map {
            StoreRequest(clientOffset: $0.draft.clientOffset, content: $0.draft.content)
        }
    }

    /// The group at the disk is committed: its messages are published in id order, then its senders get their results.
    ///
    /// A result says that every message up to its own was published, repeats included: their first copies are in this
    /// group or were published with an earlier one.
    mutating func groupCommitted(_ outcomes: [StoreOutcome], into output: inout Output) {
        let requests = storeQueue.finishGroup()
        var messages: [StoredMessage] = []
        for (request, outcome) in zip(requests, outcomes) {
            guard case .stored(let id) = outcome else { continue }
            messages.append(StoredMessage(id: id, content: request.draft.content))
        }
        publish(messages, into: &output)
        finish(requests, .committed, into: &output)
    }

    /// The group at the disk is lost as a whole.
    mutating func groupFailed(into output: inout Output) {
        finish(storeQueue.finishGroup(), .failed, into: &output)
    }

    private func finish(_ requests: [StoreQueue.Request], _ result: StoreResult, into output: inout Output) {
        for request in requests where session(request.session, of: request.owner) != nil {
            output.append(.stored(request.session.id, result), for: request.owner)
        }
    }

    /// Publishes committed messages, those of other programs included. They come in id order, above everything
    /// published before.
    mutating func publish(_ messages: [StoredMessage], into output: inout Output) {
        let interested = interest.incarnations(of: .messages)
        for message in messages {
            precondition(message.id > lastPublished, "messages are published in id order")
            lastPublished = message.id
            for incarnation in interested { output.append(.message(message), for: incarnation) }
        }
        highestAssigned = max(highestAssigned, lastPublished)
    }
}
