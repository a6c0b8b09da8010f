import Glibc

/// The environment variable that makes a program's process a worker: `SLOT PARENT SOCKETS PORT NUMBER SHARED`.
struct WorkerVariable {
    static let name = "CHATD_WORKER"

    let start: WorkerStart
    /// The id of the process that started the worker.
    let parent: Int32
    /// The first worker's port in the program's call, which tells apart the program's servers.
    let port: UInt16

    init(_ start: WorkerStart, port: UInt16) {
        self.start = start
        self.port = port
        parent = getpid()
    }

    /// The variable of this process as it was at the first call; nil if this process is not a worker.
    static let current: WorkerVariable? = getenv(name).flatMap { WorkerVariable(String(cString: $0)) }

    init?(_ text: String) {
        let numbers = text.split(separator: " ").compactMap { Int32($0) }
        guard numbers.count == 6, numbers[2] > 0, let port = UInt16(exactly: numbers[3]) else { return nil }
        start = WorkerStart(
            slot: Int(numbers[0]), number: Int(numbers[4]), sockets: Int(numbers[2]), sharesPort: numbers[5] == 1)
        parent = numbers[1]
        self.port = port
    }

    var text: String {
        "\(start.slot) \(parent) \(start.sockets) \(port) \(start.number) \(start.sharesPort ? 1 : 0)"
    }
}
