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

    func submitMessage(_ draft: MessageDraft) {
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
}
