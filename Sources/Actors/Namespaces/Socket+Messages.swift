import Persistence
import Transport

extension Socket {
    /// Stores a message, and sends the acknowledgement once the message is committed and published.
    ///
    /// The acknowledgement has no arguments, or `{"id": …}` with the message's id if the client uses
    /// ``MessageForm/detailed``. If the store fails, the client gets no acknowledgement and may send the message again.
    /// If the database has reached its allowed size, a client with details gets `{"error": …}` instead.
    /// - Parameters:
    ///   - draft: The message. A repeat with the client offset and the content of an earlier message is not stored
    ///     again; it is acknowledged with the earlier message's id.
    ///   - acknowledgement: The acknowledgement of the event that carried the message.
    public func store(_ draft: MessageDraft, acknowledgement: Acknowledgement?) {
        performOnceConnected(
            .message(
                SocketOutbox.PendingMessage(
                    draft: draft, acknowledgement: acknowledgement, receivedAt: worker.loop.now)))
    }

    /// Counts a message that the application has not accepted.
    package func countRefusedMessage() {
        worker.assumeIsolated { $0.counters.messageRefusals += 1 }
    }

    func submitMessage(_ draft: MessageDraft) {
        worker.assumeIsolated {
            $0.counters.messagesIn += 1
            $0.submit(.store(key, draft), by: connection)
        }
    }

    /// Handles the result of the oldest message in flight.
    /// - Returns: The time at which the message was received; nil if it is not stored.
    func stored(_ result: StoreResult) -> ContinuousClock.Instant? {
        guard let message = outbox.messageReturned() else { return nil }
        defer { carryOutReleased() }
        // Send the acknowledgement before the held entries, so that it directly follows its message.
        switch result {
        case .committed(let id):
            message.acknowledgement?.sendNow(acknowledgement(ofMessage: id))
            return message.receivedAt
        case .full:
            // A client without details takes any acknowledgement for success.
            if case .detailed = messageProfile.form { message.acknowledgement?.sendNow(Self.fullAnswer) }
            return nil
        case .failed: return nil
        }
    }

    /// The answer to a message that is not stored because the database is full.
    private static let fullAnswer: Arguments = [
        .json(JSONText(object: [("error", JSONText(string: "the chat has no room for new messages"))]))
    ]

    private func acknowledgement(ofMessage id: Int64) -> Arguments {
        switch messageProfile.form {
        case .plain: []
        case .detailed: [.json(JSONText(object: [("id", JSONText(integer: Int(id)))]))]
        }
    }

    /// Drops the messages in flight when no more results can arrive. This breaks reference cycles, because their
    /// acknowledgements retain this socket.
    func dropMessages() {
        outbox = SocketOutbox()
    }

    /// True if messages are in flight.
    var awaitsResults: Bool { outbox.awaitsResults }
}
