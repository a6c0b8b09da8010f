import Persistence
import Transport

extension Socket {
    /// Stores a message. Once it is committed and given to everyone, the client gets its acknowledgement: without
    /// arguments, or with `{"id": …}`, the message's, if it gets messages in the form ``MessageForm/detailed``. If the
    /// message cannot be stored it gets none, and may send it again.
    /// - Parameters:
    ///   - draft: the message. A repeat, with the client offset and the content of an earlier one, is acknowledged
    ///     with the id of that one and not stored again.
    ///   - acknowledgement: the answer to the event that brought the message.
    public func store(_ draft: MessageDraft, acknowledgement: Acknowledgement?) {
        performOnceConnected(.message(SocketOutbox.PendingMessage(draft: draft, acknowledgement: acknowledgement)))
    }

    func submit(_ draft: MessageDraft) {
        worker.assumeIsolated {
            $0.counters.messagesIn += 1
            $0.submit(.store(key, draft), by: connection)
        }
    }

    /// The oldest message on its way has its result.
    func stored(_ result: StoreResult) {
        guard let message = outbox.messageReturned() else { return }
        // Ahead of what is held: the acknowledgement belongs to the place of its message.
        if case .committed(let id) = result { message.acknowledgement?.sendNow(acknowledgement(ofMessage: id)) }
        carryOutReleased()
    }

    private func acknowledgement(ofMessage id: Int64) -> Arguments {
        switch messageProfile.form {
        case .plain: []
        case .detailed: [.json(JSONText(object: [("id", JSONText(integer: Int(id)))]))]
        }
    }

    /// The messages on their way get no result any more; the answers to them keep this socket.
    func forgetMessages() {
        outbox = SocketOutbox()
    }

    /// Whether messages are on their way.
    var awaitsResults: Bool { outbox.awaitsResults }

    // MARK: History

    /// The last messages that were published before one of them, in id order; what a client reads backwards. Together
    /// with what the socket follows, nothing is missing: every message that it is not given live was published already.
    /// They are read when the client has taken most of what it was given before.
    /// - Parameters:
    ///   - id: the message before which they lie; nil for the last there are.
    ///   - maxCount: how many there are at most.
    ///   - maxBytes: how many bytes of text they have at most; a single message may have more.
    /// - Returns: empty in a namespace without stored messages.
    /// - Throws: whatever the store reports.
    public func messages(before id: Int64?, maxCount: Int, maxBytes: Int) async throws -> HistoryPage {
        await subscription()
        await room()
        let none = HistoryPage(messages: [], reachesEnd: true)
        guard cursor.catchUp?.isSubscribed == true, let history = worker.adapter.history else { return none }
        let end = min(publishedThrough, .max - 1) + 1
        do {
            let limit = PageLimit(messages: maxCount, bytes: maxBytes)
            return try await history.page(before: min(id ?? end, end), limit: limit)
        } catch {
            worker.report(.historyFailed(error))
            throw error
        }
    }

    private var publishedThrough: Int64 { worker.assumeIsolated { $0.stream.feed.applied } }

    /// Waits until the hub has answered the subscription, or the socket is gone.
    private func subscription() async {
        await withCheckedContinuation { continuation in
            guard isConnected, let catchUp = cursor.catchUp, !catchUp.isSubscribed else {
                return continuation.resume()
            }
            subscriptionWaiters.append(continuation)
        }
    }

    func resumeSubscriptionWaiters() {
        let waiters = subscriptionWaiters
        subscriptionWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until little is left for the client to take, or the socket is gone: one that takes nothing could ask for pages
    /// without end.
    private func room() async {
        while hasMuchToTake {
            await withCheckedContinuation { wait($0) }
        }
    }

    private var hasMuchToTake: Bool { isConnected && pendingBytes + outbox.heldBytes > catchUpMark }

    private func wait(_ continuation: CheckedContinuation<Void, Never>) {
        guard hasMuchToTake else { return continuation.resume() }
        roomWaiters.append(continuation)
        let isForClient = pendingBytes > catchUpMark
        connection.assumeIsolated { $0.setWaiting(isForClient, for: id) }
    }

    func resumeRoomWaiters() {
        guard !roomWaiters.isEmpty else { return }
        let waiters = roomWaiters
        roomWaiters = []
        connection.assumeIsolated { $0.setWaiting(false, for: id) }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Following

    /// Begins to follow the stored messages, from where the client says it stopped.
    func followMessages() {
        guard worker.namespaces.messageNamespace === namespace else { return }
        cursor.follow()
        worker.assumeIsolated {
            $0.sockets.fallBehind(self)
            $0.submit(.subscribe(key))
        }
    }

    var pendingBytes: Int {
        connection.assumeIsolated { $0.pendingBytes }
    }

    /// What the catch-up does next.
    func nextStep(applied: Int64) -> CatchUp.Step {
        guard isConnected else { return .wait }
        let hasRoom = pendingBytes <= catchUpMark
        return cursor.catchUp?.next(applied: applied, hasRoom: hasRoom) ?? .wait
    }

    /// The interval that a page is to be read of; nil when none is, or nobody is there to get it.
    var openRead: (after: Int64, through: Int64)? {
        isConnected ? cursor.catchUp?.openRead : nil
    }

    /// Catch-up writes, and history is read, only while no more than this waits for the client.
    private var catchUpMark: Int { worker.loop.limits.lowWater }

    /// Messages from memory or from the history are for the client.
    /// - Parameters:
    ///   - applied: the position applied last in the worker's stream.
    ///   - after: the id behind which they lie.
    func deliver(_ page: HistoryPage, _ encoding: MessageEncoding, applied: UInt64, after: Int64) {
        guard isConnected else { return }
        var builder = FramesBuilder()
        for message in page.messages {
            builder.append(message, encoding, messageProfile.form, position: cursor.position(applied: applied))
        }
        if !builder.isEmpty { write(builder.finish()) }
        cursor.catchUp?.delivered(through: page.messages.last?.id ?? after, reachesEnd: page.reachesEnd)
    }

    /// The id up to which the client has every stored message; nil where there are none.
    var row: Int64? {
        guard worker.namespaces.messageNamespace === namespace else { return nil }
        return cursor.row
    }
}

extension Handshake {
    /// How many of the messages there are the client wants before those that come, a whole number up to 1000; anything
    /// else counts as not sent.
    var latest: Int? {
        guard let count = auth?[member: "latest"]?.integer, (0...1000).contains(count) else { return nil }
        return count
    }

    /// Where the client says it stopped: a whole number, or a string of digits; anything else counts as not sent.
    var serverOffset: Int64? {
        guard let value = auth?[member: "serverOffset"] else { return nil }
        if let integer = value.integer { return integer >= 0 ? Int64(integer) : nil }
        guard let text = value.string, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
