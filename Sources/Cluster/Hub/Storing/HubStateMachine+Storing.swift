import Actors
import Persistence

/// Messages on their way into the store, and from the store to the workers.
extension HubStateMachine {
    /// Starts the next group. Returns nil while another group is being stored, or if no message waits.
    mutating func nextGroup() -> [MessageDraft]? {
        storeQueue.nextGroup()?.map(\.draft)
    }

    /// Ends the committed group: publishes its messages in id order, then sends the senders their results.
    ///
    /// A result means that every message up to its id was published. This holds for repeats too: their first copies are
    /// in this group or were published with an earlier one.
    mutating func groupCommitted(_ outcomes: [StoreOutcome], into output: inout Output) {
        let entries = storeQueue.finishGroup()
        var messages: [StoredMessage] = []
        var results: [StoreResult] = []
        results.reserveCapacity(entries.count)
        for outcome in outcomes {
            switch outcome {
            case .stored(let message):
                messages.append(message)
                results.append(.committed(id: message.id))
            case .repeated(let id):
                results.append(.committed(id: id))
            case .refused(.sizeLimit):
                results.append(.full)
            case .refused:
                results.append(.failed)
            }
        }
        publish(messages, into: &output)
        finish(entries, results, into: &output)
    }

    /// Ends the group as failed. Each of its senders gets a failure.
    mutating func groupFailed(into output: inout Output) {
        let entries = storeQueue.finishGroup()
        finish(entries, entries.map { _ in .failed }, into: &output)
    }

    private func finish(_ entries: [StoreQueue.Entry], _ results: [StoreResult], into output: inout Output) {
        for (entry, result) in zip(entries, results) {
            output.append(.stored(entry.session, result, credit: entry.cost), for: entry.owner)
        }
    }

    /// Tells every worker that messages were deleted. A worker keeps messages also while no socket follows them.
    mutating func deleted(_ messages: DeletedMessages, into output: inout Output) {
        for incarnation in attached.sorted() { output.append(.deleted(messages), for: incarnation) }
    }

    /// Publishes committed messages, including those of other programs.
    /// - Parameter messages: in id order, all above ``lastPublished``.
    mutating func publish(_ messages: [StoredMessage], into output: inout Output) {
        let interested = interest.incarnations(of: .messages)
        for message in messages {
            precondition(message.id > lastPublished, "messages must be published in id order")
            lastPublished = message.id
            for incarnation in interested { output.append(.message(message, position: head), for: incarnation) }
        }
        highestAssigned = max(highestAssigned, lastPublished)
    }
}
