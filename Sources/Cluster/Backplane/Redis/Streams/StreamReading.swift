import Actors

/// The place of this host in the stream, and whether entries were lost before it was reached: because the stream was
/// trimmed, or because the server has lost data.
///
/// A value without I/O.
struct StreamReading {
    /// What a server tells about itself and the stream.
    struct Facts: Equatable {
        /// Identifies the run of the server, and the history of its data; nil if the server does not tell.
        var run: String?
        /// The id of the last entry; nil if there is no stream.
        var last: EntryID?
        /// How many entries were ever added; nil before Redis 7, or without a stream.
        var added: Int?
    }

    /// The most entries in one read.
    static let maxCount = 100
    /// A read with more bytes than this is followed by one of fewer entries.
    private static let largeRead = 4 << 20

    /// The last entry that was read; nil before the first connection.
    private(set) var place: EntryID?
    /// How many entries to read at once.
    private(set) var count = maxCount
    /// True if the next entry is too large, and must be skipped.
    private(set) var mustSkip = false
    private var run: String?
    /// How many entries had ever been added when ``place`` was; nil if unknown.
    private var added: Int?

    /// A connection has begun.
    /// - Returns: true if entries may be lost, or were read and are not in the stream any more.
    mutating func connected(_ facts: Facts) -> Bool {
        guard let place else {
            place = facts.last ?? EntryID(milliseconds: 0, sequence: 0)
            (run, added) = (facts.run, facts.last == nil ? 0 : facts.added)
            return false
        }
        let isSame = facts.run != nil && facts.run == run
        run = facts.run
        let last = facts.last ?? EntryID(milliseconds: 0, sequence: 0)
        guard isSame, last >= place else {
            if last < place { self.place = last }
            added = nil
            return true
        }
        return false
    }

    /// Entries were read.
    /// - Parameters:
    ///   - ids: their ids, in order.
    ///   - byteCount: their size.
    mutating func read(_ ids: [EntryID], byteCount: Int) {
        guard let last = ids.last else { return }
        place = last
        added = added.map { $0 + ids.count }
        if byteCount > Self.largeRead {
            count = max(1, count / 4)
        } else if ids.count == count {
            count = min(Self.maxCount, count * 2)
        }
    }

    /// The last entry that was read before the present read was not in the stream after it. So what was trimmed with it
    /// may not have been read.
    /// - Parameters:
    ///   - facts: what the server told after the read.
    ///   - ids: the ids of the entries of the read.
    /// - Returns: true if entries may be lost before the first of these entries, or at their end if there are none.
    mutating func placeIsGone(_ facts: Facts, _ ids: [EntryID]) -> Bool {
        let last = ids.last ?? place
        guard let known = added, let total = facts.added, facts.last == last, total == known + ids.count else {
            // What follows is counted from here.
            added = facts.last == last ? facts.added.map { $0 - ids.count } : nil
            return true
        }
        return false
    }

    /// A read had more bytes than can be read at once.
    mutating func tooLarge() {
        if count == 1 { mustSkip = true }
        count = max(1, count / 8)
    }

    /// The next entry was skipped.
    /// - Parameter id: its id; nil if there is none.
    mutating func skipped(_ id: EntryID?) {
        mustSkip = false
        if let id { read([id], byteCount: 0) }
    }
}
