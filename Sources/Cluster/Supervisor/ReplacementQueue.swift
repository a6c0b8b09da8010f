/// The slots whose processes are to be replaced, one after the other.
struct ReplacementQueue {
    /// The slot whose process is being replaced; nil if no round is running.
    private(set) var slot: Int?
    private var waiting: [Int] = []
    /// The number of the last process that was started before this round.
    private(set) var lastOldNumber = 0
    /// True if every process is to be replaced again after the present round.
    private var isRequestedAgain = false

    /// Requests a round.
    /// - Parameters:
    ///   - count: the number of slots.
    ///   - lastNumber: the number of the last process that was started.
    /// - Returns: false if a round is running. Another one is then due afterwards.
    mutating func request(_ count: Int, after lastNumber: Int) -> Bool {
        guard slot == nil else {
            isRequestedAgain = true
            return false
        }
        lastOldNumber = lastNumber
        waiting = Array(0..<count)
        return true
    }

    /// Begins with the next slot; nil at the end.
    mutating func next() -> Int? {
        slot = waiting.isEmpty ? nil : waiting.removeFirst()
        return slot
    }

    /// Ends the round.
    /// - Returns: true if another one is due.
    mutating func end() -> Bool {
        let isDue = isRequestedAgain
        self = ReplacementQueue()
        return isDue
    }
}
