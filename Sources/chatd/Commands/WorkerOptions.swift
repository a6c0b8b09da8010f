/// The arguments that a supervisor passes to a worker's process before the options of `serve`.
struct WorkerOptions {
    static let command = "worker"

    let slot: Int
    /// The supervisor's process id.
    let parent: Int32
    /// The number of listening sockets that the process inherits.
    let sockets: Int

    init(slot: Int, parent: Int32, sockets: Int) {
        self.slot = slot
        self.parent = parent
        self.sockets = sockets
    }

    var arguments: [String] { [Self.command, "\(slot)", "\(parent)", "\(sockets)"] }

    /// - Parameter words: the arguments after the command.
    init(_ words: some Collection<String>) throws(UsageError) {
        let numbers = words.prefix(3).compactMap { Int32($0) }
        guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else {
            throw UsageError(description: "only supervise may start \(Self.command)")
        }
        self.init(slot: Int(numbers[0]), parent: numbers[1], sockets: Int(numbers[2]))
    }
}
