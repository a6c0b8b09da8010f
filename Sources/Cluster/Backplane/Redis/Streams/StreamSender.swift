@_spi(Collections) import Actors

/// An entry that this host adds to the stream.
struct StreamAddition: Equatable {
    /// The number among the messages of the host, which only grows.
    let number: UInt64
    /// The names and values in turn.
    let fields: [[UInt8]]

    /// The size of the fields, in bytes.
    var byteCount: Int { fields.reduce(0) { $0 + $1.count } }
}

/// The entries that this host adds to the stream, in order, until the server has answered.
///
/// After the end of a connection it is not known whether the server had added those without an answer. They are sent
/// again in their order, with the numbers of the first time, so that the server recognizes a repeat.
///
/// A value without I/O.
struct StreamSender {
    /// How many entries wait for their answers at most. Those behind wait here.
    private static let maxOpen = 1000
    /// How many bytes wait for their answers, for another entry to be sent.
    private static let maxOpenBytes = 8 << 20

    /// What to send.
    struct Step: Equatable {
        let addition: StreamAddition
        /// The number of the entry before on the same connection, which the server must have added; 0 for none.
        let previous: UInt64
    }

    /// False to send one entry at a time. Without the script, one that fails must not be followed by others: sent again
    /// behind them, it would be out of order.
    var isPipelined = true
    private var waiting = Queue<StreamAddition>()
    /// The entries that were sent on the present connection, by the numbers of the commands.
    private var open = Queue<(command: UInt64, addition: StreamAddition)>()
    private var openBytes = 0
    /// The number of the last entry that was sent on the present connection; 0 for none.
    private var previous: UInt64 = 0
    /// The number of the last entry that the server has answered; 0 for none that matters.
    private(set) var answered: UInt64 = 0
    /// The number of the last entry of all.
    private(set) var last: UInt64 = 0
    /// The id of the latest entry of this host that the server has told.
    private(set) var lastEntry: EntryID?

    /// True if the server has answered everything.
    var isIdle: Bool { waiting.isEmpty && open.isEmpty }

    mutating func append(_ addition: StreamAddition) {
        waiting.append(addition)
        last = addition.number
    }

    /// The next entry to send, if it can be sent now. The caller then calls ``sent(as:)``.
    var next: Step? {
        guard open.count < (isPipelined ? Self.maxOpen : 1), openBytes < Self.maxOpenBytes, let addition = waiting.first
        else { return nil }
        return Step(addition: addition, previous: previous)
    }

    /// The next entry was sent with the command of this number.
    mutating func sent(as command: UInt64) {
        guard let addition = waiting.removeFirst() else { return }
        open.append((command, addition))
        openBytes += addition.byteCount
        previous = addition.number
    }

    /// True if the command adds the oldest entry that was sent.
    func isNext(_ command: UInt64) -> Bool { open.first?.command == command }

    /// The server has added the oldest entry, or had added it before.
    /// - Parameter id: the id of the entry; nil if the server does not know it any more.
    mutating func added(_ id: EntryID?) {
        guard let first = open.removeFirst() else { return }
        openBytes -= first.addition.byteCount
        answered = first.addition.number
        if let id { lastEntry = id }
    }

    /// The connection has ended. Entries without an answer are sent again.
    mutating func connectionEnded() {
        var all = Queue<StreamAddition>()
        while let (_, addition) = open.removeFirst() { all.append(addition) }
        while let addition = waiting.removeFirst() { all.append(addition) }
        waiting = all
        openBytes = 0
        // Those before were answered. If the server has lost them since, they are not sent again.
        previous = 0
    }

    /// The host has applied everything alone, so the entries must not be sent any more. Some may have been added.
    mutating func abandon() {
        connectionEnded()
        waiting = Queue()
        (answered, last) = (0, 0)
    }
}
