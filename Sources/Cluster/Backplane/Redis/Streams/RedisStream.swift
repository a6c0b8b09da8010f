@_spi(Collections) import Actors
import Transport

/// What a backplane with Redis Streams has in addition to one with pub/sub: the entries that it adds, and the place to
/// which it has read.
struct RedisStream {
    /// A read that was sent, and what has been answered of it.
    enum Read {
        /// The server and the stream are to be described, because the connection is new.
        case begin(server: Result<RESPValue, RedisError>?)
        /// The entries are awaited, then the one at the place before them.
        case entries([StreamCommands.Entry]?)
        /// The entry at the place is gone, so the stream is described.
        case check([StreamCommands.Entry])
    }

    /// A question of this host that waits until its earlier messages are in the stream.
    struct WaitingQuestion {
        let question: BackplaneQuestion
        let requestID: String
        /// The number of the last message before it.
        let after: UInt64
    }

    var commands: StreamCommands
    var sender = StreamSender()
    var reading = StreamReading()
    /// The first entry that this host knows: the last one before it began to read, or, if there was none, the first one
    /// of all.
    private(set) var firstEntry: EntryID?
    /// The connection that reads.
    var reader: RedisConnection?
    var read: Read?
    /// True if the place of the present connection is known.
    var hasPlace = false
    /// The questions for sessions whose number of hosts is needed, by the numbers of their messages.
    var counts: [UInt64: HostMessage] = [:]
    /// The questions of other hosts that wait for entries.
    var held = HeldQuestions()
    var isHoldTimerRunning = false
    var waiting = Queue<WaitingQuestion>()
    let sessionScripts: SessionScripts
    /// The commands about sessions that were not sent, each with its number.
    var sessionCommands = Queue<(command: SessionCommand, number: UInt64)>()
    /// Those that were sent, by the numbers of the commands.
    var openSessionCommands: [UInt64: (command: SessionCommand, number: UInt64)] = [:]

    /// - Parameter node: the id of this host in all namespaces.
    init(_ url: RedisURL, node: String) {
        commands = StreamCommands(stream: url.stream, length: url.streamLength, node: node)
        sessionScripts = SessionScripts(prefix: url.sessionPrefix, stream: url.stream)
    }

    /// The host knows an entry.
    mutating func knows(_ entry: EntryID) {
        if firstEntry == nil, entry > EntryID(milliseconds: 0, sequence: 0) { firstEntry = entry }
    }

    /// Nothing that was sent on the connections is answered any more.
    mutating func connectionEnded() {
        reader?.close()
        reader = nil
        read = nil
        hasPlace = false
        counts = [:]
        held = HeldQuestions()
        waiting = Queue()
        sessionCommands = Queue()
        openSessionCommands = [:]
        sender.connectionEnded()
    }
}
