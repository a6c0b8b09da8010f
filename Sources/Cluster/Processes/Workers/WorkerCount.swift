/// The number of a server's worker processes.
public struct WorkerCount: Sendable, ExpressibleByIntegerLiteral {
    /// One worker for each core that this process may use: those in its CPU affinity, but at most the quota of its
    /// control groups.
    public static var automatic: WorkerCount { WorkerCount(min(WorkerProcess.availableCores, limit)) }

    /// The largest number of workers.
    public static let limit = 256

    let count: Int

    /// - Precondition: `count` is at least 1. A program checks a number of its user before.
    public init(_ count: Int) {
        guard count >= 1 else { fatalError("a server needs at least one worker") }
        self.count = count
    }

    public init(integerLiteral count: Int) {
        self.init(count)
    }
}
