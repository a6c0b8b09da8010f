/// The pings sent over a link, which the worker answers in their order, after everything that it sent before. So the
/// answer to a ping proves that all requests written before the ping arrived have been handled.
struct PingCount {
    private var sent: UInt64 = 0
    private var answered: UInt64 = 0
    /// The number of the ping whose answer is awaited.
    private var mark: UInt64?

    /// True if the answer to the marked ping is awaited.
    var isMarked: Bool { mark != nil }

    /// Notes that a ping is sent.
    /// - Parameter isMarked: true to report its answer.
    mutating func send(isMarked: Bool = false) {
        sent += 1
        if isMarked { mark = sent }
    }

    /// Notes an answer. Answers without a ping do not count.
    /// - Returns: true if it is the answer to the marked ping.
    mutating func answer() -> Bool {
        guard answered < sent else { return false }
        answered += 1
        guard answered == mark else { return false }
        mark = nil
        return true
    }
}
