import Actors

/// The changes of sockets since the oldest cut of a session that is on its way to this host, or, with a broker that
/// keeps sessions, all recent ones. They are carried out on the session when it arrives, because its rooms decide
/// whether they concern it.
struct ChangeLog {
    /// A change at a position of the hub.
    struct Entry {
        let selection: SocketSelection
        let change: SocketChange
        let position: UInt64

        /// About the memory that the entry takes, in bytes.
        fileprivate var byteCount: Int {
            let changed =
                switch change {
                case .join(let rooms), .leave(let rooms): rooms
                case .disconnect: [String]()
                }
            return (selection.rooms + selection.exceptions + changed).reduce(128) { $0 + $1.utf8.count + 16 }
        }
    }

    /// The largest size of all entries, in bytes. Beyond it, the oldest are dropped, and sessions that need them cannot
    /// be taken.
    static let limit = 4 << 20

    private var entries: [Entry] = []
    /// The number of the first entry, which counts all changes.
    private var first: UInt64 = 0
    private var byteCount = 0
    /// Changes up to this position are not kept any more.
    private var lastDropped: UInt64 = 0
    /// True to keep changes also while no session is on its way.
    let isPermanent: Bool

    init(isPermanent: Bool) {
        self.isPermanent = isPermanent
    }

    /// The number of the next change.
    var next: UInt64 { first + UInt64(entries.count) }

    /// Adds a change.
    mutating func append(_ change: SocketChange, of selection: SocketSelection, at position: UInt64) {
        let entry = Entry(selection: selection, change: change, position: position)
        entries.append(entry)
        byteCount += entry.byteCount
        guard byteCount > Self.limit else { return }
        var dropped = 0
        while byteCount > Self.limit / 2, dropped < entries.count {
            byteCount -= entries[dropped].byteCount
            lastDropped = entries[dropped].position
            dropped += 1
        }
        entries.removeFirst(dropped)
        first += UInt64(dropped)
    }

    /// The changes from this number on; nil if one was dropped.
    func changes(from number: UInt64) -> ArraySlice<Entry>? {
        number >= first ? entries.dropFirst(Int(min(number - first, UInt64(entries.count)))) : nil
    }

    /// The changes after a position; nil if one may be missing.
    func changes(after position: UInt64) -> ArraySlice<Entry>? {
        guard position >= lastDropped else { return nil }
        let start = entries.lastIndex { $0.position <= position }.map { $0 + 1 } ?? 0
        return entries[start...]
    }

    /// Changes up to a position may be missing.
    mutating func noteGap(at position: UInt64) {
        lastDropped = position
    }

    /// No session is on its way any more.
    mutating func noneIsAwaited() {
        guard !isPermanent else { return }
        first = next
        entries = []
        byteCount = 0
    }
}
