import Transport

/// The inquiries of one worker: the waiting ones, and a limited number of open ones, whose answers arrive. The limit
/// bounds the memory for answers on the worker and on its link.
struct InquiryWindow {
    /// The recipients of an inquiry.
    enum Question {
        /// Recipients of all workers, which the hub finds.
        case all(Inquiry.Target)
        /// Clients of this worker.
        case local(Broadcast)
    }

    struct Entry {
        let question: Question
        /// The socket among whose calls the inquiry is ordered.
        let sender: Socket?
        let continuation: CheckedContinuation<[Arguments], any Error>
        let timer: LoopBound<EventLoop.TimerToken>
        /// True once the question is sent.
        var isSent = false
        fileprivate(set) var answers: [Arguments] = []
        fileprivate(set) var failures: [String] = []

        /// The error with the answers so far.
        func incomplete(_ reason: IncompleteAnswers.Reason) -> IncompleteAnswers {
            IncompleteAnswers(reason, answers: answers, failures: failures)
        }
    }

    private let maxOpen: Int
    /// The inquiries without an outcome, open or waiting.
    private var entries: [UInt64: Entry] = [:]
    private var open: Set<UInt64> = []
    private var lastNumber: UInt64 = 0
    private var waiting = Queue<UInt64>()

    /// - Parameter maxOpen: The maximum number of open inquiries.
    init(maxOpen: Int) {
        self.maxOpen = maxOpen
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Adds an inquiry to the queue.
    mutating func add(_ entry: Entry, number: UInt64) {
        entries[number] = entry
        waiting.append(number)
    }

    /// Opens the next inquiry and returns its number and its sender; nil if the window is full or no inquiry waits.
    mutating func next() -> (number: UInt64, sender: Socket?)? {
        while open.count < maxOpen, let number = waiting.removeFirst() {
            guard let entry = entries[number] else { continue }
            open.insert(number)
            return (number, entry.sender)
        }
        return nil
    }

    /// Marks an open inquiry as sent.
    /// - Returns: The inquiry; nil if it has already ended.
    mutating func send(_ number: UInt64) -> Entry? {
        entries[number]?.isSent = true
        return entries[number]
    }

    /// Adds answers to an inquiry. Has no effect on one that has ended.
    mutating func add(_ answers: [InquiryAnswer], to number: UInt64) {
        for answer in answers {
            switch answer {
            case .failure(let reason): entries[number]?.failures.append(reason)
            case .arguments(let encoded):
                if let arguments = encoded.decoded {
                    entries[number]?.answers.append(arguments)
                } else {
                    entries[number]?.failures.append("an answer is not a list of JSON values")
                }
            }
        }
    }

    /// Ends an inquiry.
    /// - Returns: The inquiry; nil if it has already ended.
    mutating func end(_ number: UInt64) -> Entry? {
        open.remove(number)
        return entries.removeValue(forKey: number)
    }
}
