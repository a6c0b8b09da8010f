import Persistence

/// What one socket sends, in the order in which its handlers do it: a live client sees in sequence what a handler does in
/// sequence.
///
/// Requests go to the hub and come back in its stream; a message comes back when it is committed; the worker's own output
/// (acknowledgements, direct emits) goes to the client at once. So
/// - output waits until every request and message before it has come back,
/// - a request waits until every message before it has its result,
/// - a message waits only for its turn: one socket may have many in flight.
///
/// When the socket is gone, its own joins and messages are dropped. What it told others behind its messages still waits for the
/// results of these, and nothing else is waited for.
struct SocketOutbox {
    /// A message in flight to the store, and the acknowledgement that its client waits for.
    struct PendingMessage {
        let draft: MessageDraft
        let acknowledgement: Acknowledgement?
    }

    enum Entry {
        case request(HubRequest)
        case message(PendingMessage)
        case output(Socket.Output)
    }

    /// Something to carry out now.
    enum Action {
        case submit(HubRequest)
        case store(MessageDraft)
        /// Also when the socket is gone, since some output concerns more than its client.
        case output(Socket.Output)
    }

    private var held = Queue<(entry: Entry, byteCount: Int)>()
    private var requestsInFlight = 0
    private var messagesInFlight = Queue<PendingMessage>()
    /// The size of what waits for what was done before, in bytes.
    private(set) var heldBytes = 0

    /// How many entries wait for what was done before.
    var heldCount: Int { held.count }

    /// Whether messages are in flight.
    var awaitsResults: Bool { !messagesInFlight.isEmpty }

    /// Whether nothing is held and nothing is in flight.
    var isIdle: Bool { held.isEmpty && requestsInFlight == 0 && messagesInFlight.isEmpty }

    /// Takes the next thing the socket does.
    /// - Parameter byteCount: what it counts while it is held, in bytes.
    /// - Returns: what to carry out now; nil when it has to wait, or is dropped.
    mutating func add(_ entry: Entry, byteCount: Int = 0, isConnected: Bool) -> Action? {
        guard held.isEmpty, mayGo(entry, isConnected: isConnected) else {
            held.append((entry, byteCount))
            heldBytes += byteCount
            return nil
        }
        return action(of: entry, isConnected: isConnected)
    }

    /// The oldest request has come back. What it released comes from ``next(isConnected:)``.
    mutating func requestReturned() {
        requestsInFlight -= 1
    }

    /// The oldest message has its result. What it released comes from ``next(isConnected:)``, behind its acknowledgement.
    mutating func messageReturned() -> PendingMessage? {
        messagesInFlight.removeFirst()
    }

    /// The next thing to carry out; nil when everything else waits. One may end the socket, so each is asked for by itself.
    mutating func next(isConnected: Bool) -> Action? {
        while let (entry, byteCount) = held.first, mayGo(entry, isConnected: isConnected) {
            _ = held.removeFirst()
            heldBytes -= byteCount
            if let action = action(of: entry, isConnected: isConnected) { return action }
        }
        return nil
    }

    private func mayGo(_ entry: Entry, isConnected: Bool) -> Bool {
        switch entry {
        case .message: true
        case .request: messagesInFlight.isEmpty
        // Nothing comes back to a socket that is gone.
        case .output: messagesInFlight.isEmpty && (requestsInFlight == 0 || !isConnected)
        }
    }

    private mutating func action(of entry: Entry, isConnected: Bool) -> Action? {
        switch entry {
        case .output(let output):
            return .output(output)
        case .request(let request) where isConnected:
            requestsInFlight += 1
            return .submit(request)
        case .request(.emit(let broadcast, _)):
            return .submit(.emit(broadcast, sender: nil))
        case .message(let message) where isConnected:
            messagesInFlight.append(message)
            return .store(message.draft)
        case .request, .message:
            return nil
        }
    }
}
