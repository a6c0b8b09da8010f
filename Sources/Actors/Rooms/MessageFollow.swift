import Transport

/// A worker's view of the stored messages: what its stream has applied, who gets the next ones live, and the recent ones.
struct MessageFollow {
    /// How many bytes of recent messages are kept for readers that are a little behind.
    static let ringCapacity = 1 << 20
    /// How many pages are read at the same time at most; the other readers wait for their turn.
    static let maxReads = 4

    /// The sockets that get each message as it comes.
    let live: Room
    private(set) var ring = MessageRing(capacity: ringCapacity)
    /// The sockets that wait for a page to be read, in order.
    var waitingReaders = Queue<Socket>()
    var openReads = 0

    private var gathered = FramesBuilder()

    init(loop: EventLoop) {
        live = Room(loop: loop)
    }

    /// The id applied last in the worker's stream.
    var applied: Int64 { ring.to }

    /// How messages are written for clients.
    private(set) var encoding = MessageEncoding(event: "", namespace: "/", epoch: nil)

    /// Says under which name the messages are given to clients.
    mutating func setEncoding(of namespace: Namespace, _ terms: HubTerms) {
        guard let event = namespace.handlers.messageEvent else { return }
        encoding = MessageEncoding(
            event: event, namespace: namespace.name, epoch: terms.keepsSessions ? terms.epoch : nil)
    }

    /// Takes a message of the stream.
    mutating func gather(_ message: StoredMessage, position: UInt64) {
        guard message.id > applied else { return }
        gathered.append(message, encoding, position: position)
        ring.append(message)
    }

    /// The bytes of what was gathered.
    var gatheredBytes: Int { gathered.byteCount }

    /// What was gathered, as one piece.
    mutating func finish() -> Frames? {
        gathered.isEmpty ? nil : gathered.finish()
    }

    /// A subscription was answered: messages flow from `lastPublished` on. If they flowed before, it is what was applied last.
    mutating func flows(from lastPublished: Int64) {
        if ring.to != lastPublished { ring.reset(to: lastPublished) }
    }
}
