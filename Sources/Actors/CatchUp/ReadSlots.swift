import Transport

/// A bound of concurrent reads. Further readers wait, in order.
struct ReadSlots {
    private let limit: Int
    private var taken = 0
    private var waiting = Queue<CheckedContinuation<Void, Never>>()

    init(_ limit: Int) {
        self.limit = limit
    }

    /// Takes a slot, or lets the reader wait.
    /// - Returns: True if the reader may go on now.
    mutating func take(_ reader: CheckedContinuation<Void, Never>) -> Bool {
        guard taken >= limit else {
            taken += 1
            return true
        }
        waiting.append(reader)
        return false
    }

    /// Gives a slot back.
    /// - Returns: The reader that gets it; nil if none waits.
    mutating func release() -> CheckedContinuation<Void, Never>? {
        if let next = waiting.removeFirst() { return next }
        taken -= 1
        return nil
    }
}
