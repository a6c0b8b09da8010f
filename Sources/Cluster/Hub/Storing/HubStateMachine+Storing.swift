import Actors
import Persistence

/// Messages on their way into the store, and out of it to every worker.
extension HubStateMachine {
    /// Takes the next group to the disk; nil while one is there or none waits.
    package mutating func nextGroup() -> [MessageDraft]? {
        storeQueue.nextGroup()?.map(\.draft)
    }

    /// The group at the disk is committed: its messages are published in id order, then its senders get their results.
    ///
    /// A result says that every message up to its own was published, repeats included: their first copies are in this
    /// group or were published with an earlier one.
    package mutating func groupCommitted(_ outcomes: [StoreOutcome], into output: inout Output) {
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
            }
        }
        publish(messages, into: &output)
        finish(entries, results, into: &output)
    }

    /// The group at the disk is lost as a whole.
    package mutating func groupFailed(into output: inout Output) {
        let entries = storeQueue.finishGroup()
        finish(entries, entries.map { _ in .failed }, into: &output)
    }

    private func finish(_ entries: [StoreQueue.Entry], _ results: [StoreResult], into output: inout Output) {
        for (entry, result) in zip(entries, results) {
            output.append(.stored(entry.session, result, credit: entry.cost), for: entry.owner)
        }
    }

    /// Publishes committed messages, those of other programs included. They come in id order, above everything
    /// published before.
    package mutating func publish(_ messages: [StoredMessage], into output: inout Output) {
        let interested = interest.incarnations(of: .messages)
        for message in messages {
            precondition(message.id > lastPublished, "messages are published in id order")
            lastPublished = message.id
            for incarnation in interested { output.append(.message(message, position: head), for: incarnation) }
        }
        highestAssigned = max(highestAssigned, lastPublished)
    }
}
