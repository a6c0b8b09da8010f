import Persistence

/// Orders the actions of one socket, so that a connected client observes them in the order in which handlers performed
/// them.
///
/// The hub echoes requests in its stream and returns the result of a message once the message is committed or has
/// failed, while the worker writes its own output (acknowledgements, direct emits) directly to the client. Therefore:
/// - Output waits until every earlier request was echoed and every earlier message has its result.
/// - A request waits until every earlier message has its result.
/// - A message waits only until the entries before it are carried out. One socket may have many messages in flight.
///
/// When the socket is closed, its held messages are dropped, and so are its held requests that only the owner of a
/// session may make. The others, such as broadcasts, still wait for the results of messages in flight. Nothing waits
/// for an echo any more.
struct SocketOutbox {
    /// A message for the store, and the acknowledgement that its client expects.
    struct PendingMessage {
        let draft: MessageDraft
        let acknowledgement: Acknowledgement?
        /// The time at which the message was received.
        let receivedAt: ContinuousClock.Instant
    }

    enum Entry {
        case request(HubRequest)
        case message(PendingMessage)
        case output(Socket.Output)
    }

    /// An action to carry out now.
    enum Action {
        case submit(HubRequest)
        case store(MessageDraft)
        /// Output. It is returned even for a closed socket, because ``Socket/Output/close`` also ends the client's
        /// other sockets.
        case output(Socket.Output)
    }

    private var held = Queue<(entry: Entry, byteCount: Int)>()
    private var requestsInFlight = 0
    private var messagesInFlight = Queue<PendingMessage>()
    /// The size of the held entries, in bytes.
    private(set) var heldBytes = 0

    /// The number of held entries.
    var heldCount: Int { held.count }

    /// True if messages are in flight.
    var awaitsResults: Bool { !messagesInFlight.isEmpty }

    /// True if no entry is held and nothing is in flight.
    var isIdle: Bool { held.isEmpty && requestsInFlight == 0 && messagesInFlight.isEmpty }

    /// Adds the socket's next entry.
    /// - Parameters:
    ///   - entry: The entry to carry out.
    ///   - byteCount: The size of the entry in bytes, counted while it is held.
    ///   - isConnected: True if the socket is connected.
    /// - Returns: The action to carry out now; nil if the entry is held or dropped.
    mutating func add(_ entry: Entry, byteCount: Int = 0, isConnected: Bool) -> Action? {
        guard held.isEmpty, canProceed(entry, isConnected: isConnected) else {
            held.append((entry, byteCount))
            heldBytes += byteCount
            return nil
        }
        return action(of: entry, isConnected: isConnected)
    }

    /// Handles the echo of the oldest request in flight. The caller then gets the released entries from
    /// ``next(isConnected:)``.
    mutating func requestReturned() {
        requestsInFlight -= 1
    }

    /// Handles the result of the oldest message in flight. After sending the acknowledgement, the caller gets the
    /// released entries from ``next(isConnected:)``.
    /// - Returns: The message; nil if none is in flight.
    mutating func messageReturned() -> PendingMessage? {
        messagesInFlight.removeFirst()
    }

    /// Releases the next held entry. Returns one action at a time, because carrying it out may end the socket.
    /// - Returns: The action to carry out; nil if all held entries have to wait.
    mutating func next(isConnected: Bool) -> Action? {
        while let (entry, byteCount) = held.first, canProceed(entry, isConnected: isConnected) {
            _ = held.removeFirst()
            heldBytes -= byteCount
            if let action = action(of: entry, isConnected: isConnected) { return action }
        }
        return nil
    }

    private func canProceed(_ entry: Entry, isConnected: Bool) -> Bool {
        switch entry {
        case .message: true
        case .request: messagesInFlight.isEmpty
        // A closed socket receives no echo.
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
        case .request(let request):
            return request.withoutSender.map { .submit($0) }
        case .message(let message) where isConnected:
            messagesInFlight.append(message)
            return .store(message.draft)
        case .message:
            return nil
        }
    }
}
