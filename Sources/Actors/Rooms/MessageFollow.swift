import Transport

/// A worker's readers of the stored messages: who gets the next ones live, and who waits for a page.
struct MessageFollow {
    /// How many bytes of recent messages are kept for readers that are a little behind.
    static let ringCapacity = 1 << 20
    /// How many pages are read at the same time at most; the other readers wait for their turn.
    static let maxReads = 4

    /// The sockets that get each message as it comes.
    let live: Room
    /// The sockets that wait for a page to be read, in order.
    var waitingReaders = Queue<Socket>()
    var openReads = 0

    init(loop: EventLoop) {
        live = Room(loop: loop)
    }
}
