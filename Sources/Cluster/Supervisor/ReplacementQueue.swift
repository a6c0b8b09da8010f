/// The slots whose processes are to be replaced, one after the other.
struct ReplacementQueue {
    /// The slot whose process is being replaced; nil if none is.
    private(set) var slot: Int?
    private var waiting: [Int] = []
    private var count = 0
    /// The number of the last process that was started before this round.
    private(set) var lastOldNumber = 0
    /// True if every process is to be replaced again after the present round.
    private var isRequestedAgain = false

    /// Requests a round.
    /// - Parameters:
    ///   - count: the number of slots.
    ///   - lastNumber: the number of the last process that was started.
    /// - Returns: false if a round is running. Another one then follows it.
    mutating func request(_ count: Int, after lastNumber: Int) -> Bool {
        guard slot == nil else {
            isRequestedAgain = true
            return false
        }
        self.count = count
        lastOldNumber = lastNumber
        waiting = Array(0..<count)
        return true
    }

    /// Begins with the next slot; nil at the end.
    /// - Parameter lastNumber: the number of the last process that was started.
    mutating func next(after lastNumber: Int) -> Int? {
        if waiting.isEmpty, isRequestedAgain {
            isRequestedAgain = false
            lastOldNumber = lastNumber
            waiting = Array(0..<count)
        }
        slot = waiting.isEmpty ? nil : waiting.removeFirst()
        return slot
    }
}
