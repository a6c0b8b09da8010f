import Cluster
import Transport

/// The arguments that a supervisor passes to a worker's process. The options of `serve` are in ``WorkerSettings``.
struct WorkerOptions {
    static let command = "worker"

    /// The number of arguments.
    private static let count = 5

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
        let numbers = words.compactMap { Int32($0) }
        guard words.count == Self.count, numbers.count == words.count, numbers.allSatisfy({ $0 >= 0 }) else {
            throw UsageError(description: "only supervise may start \(Self.command)")
        }
        self.init(
            WorkerStart(
                slot: Int(numbers[0]), number: Int(numbers[3]), sockets: Int(numbers[2]), sharesPort: numbers[4] == 1),
            parent: numbers[1])
    }

    /// The options of `serve`, from the descriptor that the process has inherited.
    /// - Throws: ``UsageError`` if the supervisor has passed none, or if this version does not accept them.
    func readServeOptions() throws(UsageError) -> ServeOptions {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try MemoryFile.read(inherited: start.settings)
        } catch {
            throw UsageError(description: "the supervisor has passed no options: \(error)")
        }
        return try ServeOptions(
            OptionValues(passed: try WorkerSettings(decoding: bytes), of: ServeOptions.declarations))
    }
}
