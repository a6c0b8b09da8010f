/// Keeps the order of what one socket does: what a handler does in sequence, a live client sees in sequence.
///
/// Operations go to the hub and come back in its stream; a message for the store comes back when it is committed;
/// output of this worker's own (acknowledgements, direct emits) goes to the client at once. So
/// - output waits until every operation and message before it has come back,
/// - an operation waits until every message before it has its result,
/// - a message waits for nothing but its turn: one socket may have many on their way.
package struct OperationQueue<Operation, Message, Output> {
    package enum Entry {
        case operation(Operation)
        case message(Message)
        case output(Output)
    }

    private var held = Queue<(entry: Entry, byteCount: Int)>()
    /// The size of what waits for what was done before.
    package private(set) var heldBytes = 0
    private var operationsOut = 0
    private var messagesOut = 0

    package init() {}

    /// Whether nothing is held and nothing is on its way.
    package var isIdle: Bool { held.isEmpty && operationsOut == 0 && messagesOut == 0 }

    /// How many entries wait for what was done before.
    package var heldCount: Int { held.count }

    /// Takes the next thing the socket does.
    /// - Parameter byteCount: what it counts while it is held.
    /// - Returns: whether it is to be carried out now; else it is held.
    package mutating func submit(_ entry: Entry, byteCount: Int = 0) -> Bool {
        guard held.isEmpty, canRelease(entry) else {
            held.append((entry, byteCount))
            heldBytes += byteCount
            return false
        }
        note(entry)
        return true
    }

    /// The oldest operation has come back.
    /// - Returns: what may be carried out now, in order.
    package mutating func operationReturned() -> [Entry] {
        operationsOut -= 1
        return release()
    }

    /// The oldest message has its result. To be called after that result was passed on.
    /// - Returns: what may be carried out now, in order.
    package mutating func messageReturned() -> [Entry] {
        messagesOut -= 1
        return release()
    }

    /// Takes what has waited longest, whatever it waits for.
    package mutating func takeFirst() -> Entry? {
        guard let (entry, byteCount) = held.removeFirst() else { return nil }
        heldBytes -= byteCount
        return entry
    }

    private func canRelease(_ entry: Entry) -> Bool {
        switch entry {
        case .operation: messagesOut == 0
        case .message: true
        case .output: messagesOut == 0 && operationsOut == 0
        }
    }

    private mutating func note(_ entry: Entry) {
        switch entry {
        case .operation: operationsOut += 1
        case .message: messagesOut += 1
        case .output: break
        }
    }

    private mutating func release() -> [Entry] {
        var released: [Entry] = []
        while let next = held.first?.entry, canRelease(next), let entry = takeFirst() {
            note(entry)
            released.append(entry)
        }
        return released
    }
}
