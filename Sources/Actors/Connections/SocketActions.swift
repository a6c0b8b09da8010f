/// What one socket does, in its order, and what it waits for; also after its client is gone.
///
/// ``OperationQueue`` decides when something may go. This adds the messages that have no result yet, and what becomes of the
/// rest when the socket is gone: nobody but the others is left to hear of it, and what it told them behind its messages waits
/// for these.
package struct SocketActions<Output, Answer> {
    /// A message on its way into the store, and what its client waits for.
    package struct Request {
        package let draft: MessageDraft
        package let answer: Answer

        package init(draft: MessageDraft, answer: Answer) {
            self.draft = draft
            self.answer = answer
        }
    }

    package typealias Entry = OperationQueue<Operation, Request, Output>.Entry

    /// Something to carry out now.
    package enum Action {
        case submit(Operation)
        case store(MessageDraft)
        /// Also when the socket is gone, since some output concerns more than its client.
        case output(Output)
    }

    private var queue = OperationQueue<Operation, Request, Output>()
    private var released = Queue<Entry>()
    private var openRequests = Queue<Request>()

    package init() {}

    /// Whether messages are on their way.
    package var awaitsResults: Bool { !openRequests.isEmpty }

    /// How much waits for what was done before.
    package var heldCount: Int { queue.heldCount }
    package var heldBytes: Int { queue.heldBytes }

    /// Takes the next thing the socket does.
    /// - Parameter byteCount: what it counts while it is held.
    /// - Returns: what to carry out now; nil when it has to wait, or is for nobody any more.
    package mutating func perform(_ entry: Entry, byteCount: Int = 0, isConnected: Bool) -> Action? {
        guard queue.submit(entry, byteCount: byteCount) else { return nil }
        guard released.isEmpty else {
            released.append(entry)
            return nil
        }
        return action(of: entry, isConnected: isConnected)
    }

    /// The oldest operation has come back.
    package mutating func operationReturned() {
        release(queue.operationReturned())
    }

    /// The oldest message has its result: its client is told before anything that was held behind it is carried out.
    package mutating func takeRequest() -> Request? {
        openRequests.removeFirst()
    }

    /// To be called behind ``takeRequest()``.
    package mutating func messageReturned() {
        release(queue.messageReturned())
    }

    private mutating func release(_ entries: [Entry]) {
        for entry in entries { released.append(entry) }
    }

    /// The next thing to carry out; nil when everything else waits. One may end the socket, so each is asked for by itself.
    package mutating func next(isConnected: Bool) -> Action? {
        while let entry = released.removeFirst() ?? takeHeld(isConnected: isConnected) {
            if let action = action(of: entry, isConnected: isConnected) { return action }
        }
        return nil
    }

    /// When the socket is gone and nothing comes back to it any more, nothing must wait for that.
    private mutating func takeHeld(isConnected: Bool) -> Entry? {
        isConnected || awaitsResults ? nil : queue.takeFirst()
    }

    private mutating func action(of entry: Entry, isConnected: Bool) -> Action? {
        switch entry {
        case .output(let output): return .output(output)
        case .operation(let operation) where isConnected: return .submit(operation)
        case .operation(.emit(let broadcast, _)): return .submit(.emit(broadcast, sender: nil))
        case .message(let request) where isConnected:
            openRequests.append(request)
            return .store(request.draft)
        case .operation, .message: return nil
        }
    }
}
