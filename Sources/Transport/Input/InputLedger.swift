/// The unfinished input of each connection, and the choice of the connection to end if the total exceeds the limit.
///
/// Connections are numbered in the order in which they began to buffer input. The owner reports every change.
struct InputLedger {
    /// A connection that buffers at most this many bytes is not counted. Every connection needs that much, and a
    /// connection that waits for an answer must not be refused because of it.
    static let allowance = 1024
    /// Only a connection that buffers more than this is reset to free memory for others.
    static let largeSize = 64 * 1024

    private struct Holding {
        let number: UInt64
        var bytes: Int
    }

    /// The most bytes that all connections may buffer together.
    private(set) var limit: Int
    /// The number of bytes that all connections buffer.
    private(set) var total = 0
    /// Connections above ``largeSize``, ordered by number. There are at most `limit / largeSize` of them, and a few
    /// more while the limit is exceeded.
    private var large: [Holding] = []
    /// Connections that grew while the limit was exceeded, in order of growth.
    private var recentlyGrown: [UInt64] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Raises the limit to `limit` bytes if it is lower.
    mutating func raiseLimit(to limit: Int) {
        self.limit = max(self.limit, limit)
    }

    /// True if the total exceeds the limit.
    var isExceeded: Bool { total > limit }

    /// The number of bytes to count for a connection that buffers `bytes`.
    static func counted(_ bytes: Int) -> Int {
        bytes > allowance ? bytes : 0
    }

    /// Records that a connection buffers `new` counted bytes instead of `old`.
    mutating func change(_ number: UInt64, from old: Int, to new: Int) {
        total += new - old
        if isExceeded, new > old { recentlyGrown.append(number) }
        if !isExceeded, !recentlyGrown.isEmpty { recentlyGrown = [] }
        guard old > Self.largeSize || new > Self.largeSize else { return }
        let index = position(of: number)
        let isListed = index < large.count && large[index].number == number
        switch (isListed, new > Self.largeSize) {
        case (true, true): large[index].bytes = new
        case (true, false): large.remove(at: index)
        case (false, true): large.insert(Holding(number: number, bytes: new), at: index)
        case (false, false): break
        }
    }

    private func position(of number: UInt64) -> Int {
        var low = 0
        var high = large.count
        while low < high {
            let middle = (low + high) / 2
            if large[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The connection to end.
    enum Eviction: Equatable {
        /// The connection that buffers the most; among equals, the one with the highest number.
        case reset(UInt64)
        /// No connection is large, so the connection that grew last is refused.
        case refuse(UInt64)
    }

    /// The next connection to end; nil if the total is within the limit. The caller must then report that this
    /// connection buffers nothing.
    mutating func nextEviction() -> Eviction? {
        guard isExceeded else { return nil }
        if let largest = large.max(by: { $0.bytes < $1.bytes || $0.bytes == $1.bytes && $0.number < $1.number }) {
            return .reset(largest.number)
        }
        return recentlyGrown.popLast().map { .refuse($0) }
    }
}
