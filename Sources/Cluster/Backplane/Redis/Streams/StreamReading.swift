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

        /// The end of the stream; nil if the server does not tell how many entries were added.
        fileprivate var whole: (last: EntryID, added: Int)? {
            guard let last else { return (beginning, 0) }
            return added.map { (last, $0) }
        }
    }

    /// The most entries in one read.
    static let maxCount = 100
    /// A read with more bytes than this is followed by one of fewer entries.
    private static let largeRead = 4 << 20

    /// The last entry that was read; nil before the first connection.
    private(set) var place: EntryID?
    /// How many entries to read at once.
    private(set) var count = maxCount
    private var run: String?
    /// The last entry of the stream when everything had been read, and how many had ever been added then; nil if
    /// unknown. It is another one than ``place`` if the stream was deleted.
    private var known: (last: EntryID, added: Int)?
    /// True if the last gap was that to another stream: the server has lost its data, or the key was deleted.
    private(set) var isReplaced = false
    /// The last entry of the stream when ``place`` was found gone for the last time, and nothing had been read since.
    private var lastWhenGone: EntryID?

    private static let beginning = EntryID(milliseconds: 0, sequence: 0)

    /// A connection has begun.
    /// - Returns: true if entries may be lost, or were read and are not in the stream any more.
    mutating func connected(_ facts: Facts) -> Bool {
        defer { run = facts.run }
        guard let place else {
            place = facts.last ?? Self.beginning
            known = facts.whole
            return false
        }
        guard facts.run != nil, facts.run == run, let last = facts.last, last >= place else {
            self.place = min(place, facts.last ?? Self.beginning)
            known = self.place == facts.last ?? Self.beginning ? facts.whole : nil
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
        lastWhenGone = nil
        // The number is the broker's, and may be any.
        known = known.map { (last, $0.added &+ ids.count) }
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
        let (whole, end) = (facts.whole, facts.last ?? Self.beginning)
        if let known, let whole, whole == (ids.last ?? known.last, known.added &+ ids.count) { return false }
        if ids.isEmpty, lastWhenGone == end { return false }
        isReplaced = place.map { end < $0 } ?? false
        if let known, let whole, whole.added < known.added { isReplaced = true }
        // What follows is counted from here.
        if let last = ids.last {
            known = whole.flatMap { $0.last == last ? (last, $0.added &- ids.count) : nil }
        } else {
            known = whole
            lastWhenGone = end
            place = min(place ?? Self.beginning, end)
        }
        return true
    }

    /// The entries of an answer up to the first one that did not fit into it. That one is read again alone. If it is
    /// the first of the answer, it never fits.
    mutating func fitting(_ entries: [StreamCommands.Entry]) -> ArraySlice<StreamCommands.Entry> {
        guard let index = entries.firstIndex(where: { $0.fields == nil }) else { return entries[...] }
        count = 1
        return entries.prefix(max(1, index))
    }
}
