import Transport

/// Limits the number of fetches that one worker has open at the hub, because an answer may be large and the hub keeps
/// it until the worker has read it. Further fetches wait until an open one is answered.
struct FetchWindow {
    struct Fetch {
        /// The sockets; nil to fetch the number of workers.
        let selection: SocketSelection?
        /// The socket among whose calls the fetch is ordered.
        let sender: Socket?
        let continuation: CheckedContinuation<FetchAnswer, any Error>
        let timer: LoopBound<EventLoop.TimerToken>
    }

    private let maxOpen: Int
    /// The fetches without an outcome, open or waiting.
    private var fetches: [UInt64: Fetch] = [:]
    private var lastNumber: UInt64 = 0
    private var openCount = 0
    private var waiting = Queue<UInt64>()

    /// - Parameter maxOpen: The maximum number of open fetches.
    init(maxOpen: Int) {
        self.maxOpen = maxOpen
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Adds a fetch to the queue.
    mutating func add(_ fetch: Fetch, number: UInt64) {
        fetches[number] = fetch
        waiting.append(number)
    }

    /// Opens the next fetch and returns it; nil if the window is full or no fetch waits.
    mutating func next() -> (number: UInt64, fetch: Fetch)? {
        while openCount < maxOpen, let number = waiting.removeFirst() {
            guard let fetch = fetches[number] else { continue }
            openCount += 1
            return (number, fetch)
        }
        return nil
    }

    /// The fetches that have not ended.
    var numbers: [UInt64] { fetches.keys.sorted() }

    /// Closes the fetch with this number after the hub's answer.
    /// - Returns: The fetch; nil if it has already ended without the answer.
    mutating func answered(_ number: UInt64) -> Fetch? {
        openCount -= 1
        return fetches.removeValue(forKey: number)
    }

    /// Ends a fetch without an answer. If it is open, it still counts until the hub has answered it.
    /// - Returns: The fetch; nil if it has already ended.
    mutating func end(_ number: UInt64) -> Fetch? {
        fetches.removeValue(forKey: number)
    }
}
