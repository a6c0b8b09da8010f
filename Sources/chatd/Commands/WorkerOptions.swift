import Cluster

/// The arguments that a supervisor passes to a worker's process before the options of `serve`.
struct WorkerOptions {
    static let command = "worker"

    /// The number of arguments.
    static let count = 5

    let start: WorkerStart
    /// The supervisor's process id.
    let parent: Int32

    init(_ start: WorkerStart, parent: Int32) {
        self.start = start
        self.parent = parent
    }

    var arguments: [String] {
        [Self.command]
            + [start.slot, Int(parent), start.sockets, start.number, start.sharesPort ? 1 : 0].map { "\($0)" }
    }

    /// - Parameter words: the arguments after the command.
    init(_ words: some Collection<String>) throws(UsageError) {
        let numbers = words.prefix(Self.count).compactMap { Int32($0) }
        guard numbers.count == Self.count, numbers.allSatisfy({ $0 >= 0 }) else {
            throw UsageError(description: "only supervise may start \(Self.command)")
        }
        self.init(
            WorkerStart(
                slot: Int(numbers[0]), number: Int(numbers[3]), sockets: Int(numbers[2]), sharesPort: numbers[4] == 1),
            parent: numbers[1])
    }
}
