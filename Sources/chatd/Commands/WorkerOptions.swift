/// What a worker's process is told by its supervisor, in front of the options of `serve`.
struct WorkerOptions {
    static let command = "worker"

    let slot: Int
    /// The process that started it.
    let parent: Int32
    /// How many listening sockets it was given.
    let sockets: Int

    init(slot: Int, parent: Int32, sockets: Int) {
        self.slot = slot
        self.parent = parent
        self.sockets = sockets
    }

    var arguments: [String] { [Self.command, "\(slot)", "\(parent)", "\(sockets)"] }

    /// - Parameter words: what follows the command.
    init(_ words: some Collection<String>) throws(UsageError) {
        let numbers = words.prefix(3).compactMap { Int32($0) }
        guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else {
            throw UsageError(description: "\(Self.command) is started by supervise only")
        }
        self.init(slot: Int(numbers[0]), parent: numbers[1], sockets: Int(numbers[2]))
    }
}
