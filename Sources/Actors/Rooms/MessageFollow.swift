import Transport

/// A worker's view of the stored messages: what its stream has applied, who gets the next ones live, and the recent
/// ones.
struct MessageFollow {
    /// How many bytes of recent messages are kept for readers that are a little behind.
    static let ringCapacity = 1 << 20
    /// How many pages are read at the same time at most; the other readers wait for their turn.
    static let maxReads = 4

    /// The sockets that get each message as it comes.
    let live: Room
    var ring = MessageRing(capacity: ringCapacity)
    /// The sockets that wait for a page to be read, in order.
    var waitingReaders = Queue<Socket>()
    var openReads = 0

    private var gathered = FramesBuilder()
    private var gatheredThrough: Int64 = 0

    init(loop: EventLoop) {
        live = Room(loop: loop)
    }

    /// The id applied last in the worker's stream.
    var applied: Int64 { ring.to }

    /// Takes a message of the stream.
    mutating func gather(_ message: StoredMessage) {
        guard message.id > applied else { return }
        gathered.append(message, encoding)
        gatheredThrough = message.id
    }

    /// How messages are written for clients.
    private(set) var encoding = MessageEncoding(event: "", namespace: "/")
    private var encodedEvent: String?

    /// Says under which name the messages are given to clients.
    mutating func setEncoding(of namespace: Namespace) {
        guard let event = namespace.handlers.messageEvent, event != encodedEvent else { return }
        encodedEvent = event
        encoding = MessageEncoding(event: event, namespace: namespace.name)
    }

    /// The bytes of what was gathered.
    var gatheredBytes: Int { gathered.byteCount }

    /// What was gathered, as one piece.
    mutating func finish() -> (frames: Frames, through: Int64)? {
        guard !gathered.isEmpty else { return nil }
        let frames = gathered.finish()
        ring.append(frames, through: gatheredThrough)
        return (frames, gatheredThrough)
    }

    /// A subscription was answered: messages flow from `lastPublished` on. If they flowed before, it is what was
    /// applied last.
    mutating func flows(from lastPublished: Int64) {
        if ring.to != lastPublished { ring.reset(to: lastPublished) }
    }
}

/// Writes stored messages as the events that clients know: the name, the text, the id.
struct MessageEncoding {
    private let prefix: [UInt8]

    init(event: String, namespace: String) {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(event, [], namespace: namespace, to: &text)
        text.removeLast()
        text.append(UInt8(ascii: ","))
        prefix = text
    }

    func append(_ message: StoredMessage, to text: inout [UInt8]) {
        text.append(contentsOf: prefix)
        JSONString.append(message.content.span, to: &text)
        text.append(UInt8(ascii: ","))
        text.append(decimal: UInt64(bitPattern: max(0, message.id)))
        text.append(UInt8(ascii: "]"))
    }
}

extension FramesBuilder {
    mutating func append(_ message: StoredMessage, _ encoding: MessageEncoding) {
        appendText { encoding.append(message, to: &$0) }
    }
}
