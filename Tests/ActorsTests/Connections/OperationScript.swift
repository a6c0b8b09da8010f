@testable import Actors

/// An operation queue that is told in words what a socket does and what comes back.
///
/// `o1`, `m1` and `w1` are an operation, a message and an output (something written) that the socket does; `o<` and
/// `m<` say that the oldest operation, or the oldest message, has come back.
struct OperationScript {
    private(set) var queue = OperationQueue<String, String, String>()

    /// - Returns: what is carried out at this step, in order.
    mutating func perform(_ step: String) -> [String] {
        switch step {
        case "o<": return queue.operationReturned().map(\.word)
        case "m<": return queue.messageReturned().map(\.word)
        default: return queue.submit(Self.entry(step)) ? [step] : []
        }
    }

    private static func entry(_ word: String) -> OperationQueue<String, String, String>.Entry {
        switch word.first {
        case "o": .operation(word)
        case "m": .message(word)
        default: .output(word)
        }
    }
}

extension OperationQueue.Entry where Operation == String, Message == String, Output == String {
    var word: String {
        switch self {
        case .operation(let word), .message(let word), .output(let word): word
        }
    }
}
