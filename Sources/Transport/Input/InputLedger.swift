/// How much unfinished input each connection holds, and which one has to go when it is too much together.
///
/// A value: connections are numbered in the order in which they began to hold something, and tell every change.
package struct InputLedger {
    /// The first bytes of a connection are not counted: every connection needs so much, and one that waits for an answer
    /// must not be refused for it.
    package static let allowance = 1024
    /// Only a connection that holds more than this is reset in favor of others.
    package static let largeSize = 64 * 1024

    private struct Holding {
        let number: UInt64
        var bytes: Int
    }

    package private(set) var limit: Int
    /// The bytes that all of them hold.
    package private(set) var total = 0
    /// Those above ``largeSize``, by number. There are never many: the limit bounds them.
    private var large: [Holding] = []
    /// Those that took more while the limit was exceeded, the last one at the end.
    private var latecomers: [UInt64] = []

    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func raiseLimit(to limit: Int) {
        self.limit = max(self.limit, limit)
    }

    package var isExceeded: Bool { total > limit }

    /// What counts of a connection's bytes.
    package static func counted(_ bytes: Int) -> Int {
        bytes > allowance ? bytes : 0
    }

    /// A connection holds another number of counted bytes.
    package mutating func change(_ number: UInt64, from old: Int, to new: Int) {
        total += new - old
        if isExceeded, new > old { latecomers.append(number) }
        if !isExceeded, !latecomers.isEmpty { latecomers = [] }
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

    /// Who has to go.
    package enum Excess: Equatable {
        /// The connection that holds most; of equal ones the one that came last.
        case largest(UInt64)
        /// None holds much, so the connection that came last with more is refused.
        case latecomer(UInt64)
    }

    /// The next connection that has to go; nil once the limit is kept. The caller tells the change that follows.
    package mutating func nextExcess() -> Excess? {
        guard isExceeded else { return nil }
        if let largest = large.max(by: { $0.bytes < $1.bytes || $0.bytes == $1.bytes && $0.number < $1.number }) {
            return .largest(largest.number)
        }
        return latecomers.popLast().map { .latecomer($0) }
    }
}
