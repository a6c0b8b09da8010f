import Transport

/// The inquiries of one worker: the waiting ones, and the open ones, whose answers arrive.
///
/// The open inquiries to clients of all workers, to clients of this worker and to other workers are limited separately,
/// so that silent clients do not hold up the workers. The total size of the answers is limited too.
struct InquiryWindow {
    /// The recipients of an inquiry.
    enum Question {
        /// Recipients of all workers, which the hub finds.
        case all(Inquiry.Target)
        /// Clients of this worker.
        case local(Broadcast)

        fileprivate var lane: Lane {
            switch self {
            case .all(.clients): .clients
            case .all(.servers): .servers
            case .local: .local
            }
        }
    }

    /// A kind of inquiry with a limit of its own.
    fileprivate enum Lane: CaseIterable {
        case clients, servers, local
    }

    /// The inquiries of one lane.
    private struct Places {
        var open: Set<UInt64> = []
        /// In order of arrival. May contain inquiries that have ended.
        var waiting = Queue<UInt64>()
        /// The number of inquiries in ``waiting`` that have ended.
        var endedCount = 0
    }

    struct Entry {
        let question: Question
        /// The socket among whose calls the inquiry is ordered.
        let sender: Socket?
        let continuation: CheckedContinuation<[Arguments], any Error>
        let timer: LoopBound<EventLoop.TimerToken>
        /// True once the question is sent.
        fileprivate(set) var isSent = false
        fileprivate(set) var answers: [Arguments] = []
        fileprivate(set) var failures: [String] = []
        /// The size of the answers and failures; see ``InquiryAnswer/byteCount``.
        fileprivate(set) var byteCount = 0

        /// The error with the answers so far.
        func incomplete(_ reason: IncompleteAnswers.Reason) -> IncompleteAnswers {
            IncompleteAnswers(reason, answers: answers, failures: failures)
        }
    }

    private let maxOpen: Int
    private let maxBytes: Int
    /// The inquiries without an outcome, open or waiting.
    private var entries: [UInt64: Entry] = [:]
    private var lanes: [Lane: Places] = [:]
    private var lastNumber: UInt64
    /// The size of the answers to all inquiries.
    private var byteCount = 0

    /// - Parameters:
    ///   - maxOpen: The maximum number of open inquiries of each lane.
    ///   - maxBytes: The maximum size of the answers to all inquiries.
    ///   - start: The number before that of the first inquiry.
    init(maxOpen: Int, maxBytes: Int, start: UInt64) {
        self.maxOpen = maxOpen
        self.maxBytes = maxBytes
        lastNumber = start
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Adds an inquiry to the queue.
    mutating func add(_ entry: Entry, number: UInt64) {
        entries[number] = entry
        lanes[entry.question.lane, default: Places()].waiting.append(number)
    }

    /// Opens the next inquiry and returns its number and its sender; nil if no inquiry waits that may be opened now.
    mutating func next() -> (number: UInt64, sender: Socket?)? {
        for lane in Lane.allCases {
            while lanes[lane]?.open.count ?? 0 < maxOpen, let number = lanes[lane]?.waiting.removeFirst() {
                guard let entry = entries[number] else {
                    lanes[lane]?.endedCount -= 1
                    continue
                }
                lanes[lane]?.open.insert(number)
                return (number, entry.sender)
            }
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
        guard let index = entries.index(forKey: number) else { return }
        for answer in answers {
            entries.values[index].byteCount += answer.byteCount
            byteCount += answer.byteCount
            switch answer {
            case .failure(let reason): entries.values[index].failures.append(reason)
            case .arguments(let encoded):
                if let arguments = encoded.decoded {
                    entries.values[index].answers.append(arguments)
                } else {
                    entries.values[index].failures.append("an answer is not a list of JSON values")
                }
            }
        }
    }

    /// The inquiries that have not ended, the newest first.
    var numbers: [UInt64] { entries.keys.sorted(by: >) }

    /// The inquiry to end because the answers to all inquiries exceed their limit: the one with the largest answers;
    /// nil within the limit.
    var excessive: UInt64? {
        guard byteCount > maxBytes else { return nil }
        // Of several, the oldest one, whatever the order of the dictionary.
        return entries.max { ($0.value.byteCount, $1.key) < ($1.value.byteCount, $0.key) }?.key
    }

    /// Ends an inquiry.
    /// - Returns: The inquiry; nil if it has already ended.
    mutating func end(_ number: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: number) else { return nil }
        byteCount -= entry.byteCount
        let lane = entry.question.lane
        if lanes[lane]?.open.remove(number) == nil { endedWaiting(in: lane) }
        return entry
    }

    /// Drops the ended inquiries of a queue when they are the majority, so that it does not grow while the open
    /// inquiries wait for answers.
    private mutating func endedWaiting(in lane: Lane) {
        guard var places = lanes[lane] else { return }
        places.endedCount += 1
        if 2 * places.endedCount > places.waiting.count {
            places.waiting.removeAll { entries[$0] == nil }
            places.endedCount = 0
        }
        lanes[lane] = places
    }
}
