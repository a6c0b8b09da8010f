import Glibc

/// The environment variable that makes a program's process a worker: `SLOT PARENT SOCKETS PORT`.
struct WorkerVariable {
    static let name = "CHATD_WORKER"

    let slot: Int
    /// The id of the process that started the worker.
    let parent: Int32
    /// The number of listening sockets that the worker inherits.
    let sockets: Int
    /// The first worker's port in the program's call, which tells apart the program's servers.
    let port: UInt16

    init(slot: Int, sockets: Int, port: UInt16) {
        self.slot = slot
        self.sockets = sockets
        self.port = port
        parent = getpid()
    }

    /// The variable of this process as it was at the first call; nil if this process is not a worker.
    static let current: WorkerVariable? = getenv(name).flatMap { WorkerVariable(String(cString: $0)) }

    private init?(_ text: String) {
        let numbers = text.split(separator: " ").map { Int32($0) }
        guard numbers.count == 4, let slot = numbers[0], let parent = numbers[1], let sockets = numbers[2], sockets > 0,
            let port = numbers[3].flatMap({ UInt16(exactly: $0) })
        else { return nil }
        self.slot = Int(slot)
        self.parent = parent
        self.sockets = Int(sockets)
        self.port = port
    }

    var text: String { "\(slot) \(parent) \(sockets) \(port)" }
}
