/// The reason why an event that asks several clients or servers for answers did not get an answer from each of them,
/// with the answers that arrived.
public struct IncompleteAnswers: Error, Sendable {
    /// Why answers are missing.
    public enum Reason: Sendable, Equatable {
        /// Not everyone answered within the timeout.
        case timedOut
        /// Everyone else has answered. The others are gone: clients have disconnected or missed the volatile event, or
        /// workers have ended.
        case recipientsGone
        /// A server has no handler of the event, or its handler failed; see ``IncompleteAnswers/failures``.
        case failed
        /// The answers exceed 4 MiB.
        case tooLarge
        /// The socket that asked is no longer connected to this worker, so the event was not sent.
        case senderGone
        /// The server is closed, or has not started.
        case closed
    }

    /// Why answers are missing.
    public let reason: Reason
    /// The answers that arrived, in the order of their arrival.
    public let answers: [Arguments]
    /// The failures of servers, in the order of their arrival. Clients report no failures.
    public let failures: [String]

    init(_ reason: Reason, answers: [Arguments] = [], failures: [String] = []) {
        self.reason = reason
        self.answers = answers
        self.failures = failures
    }

    /// The first argument of each answer, as a Swift value.
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    /// - Throws: ``ArgumentError`` if an answer has another type; any other error of an `init(from:)`.
    public func answers<Answer: Decodable>(
        as type: Answer.Type, coding: ValueCoding = .standard
    ) throws -> [Answer] {
        try answers.map { try $0.decode(type, coding: coding) }
    }
}

extension IncompleteAnswers: CustomStringConvertible {
    /// For example `timed out with 2 answers`.
    public var description: String {
        let count = "\(answers.count) answer\(answers.count == 1 ? "" : "s")"
        let failed = failures.isEmpty ? "" : "; \(failures.joined(separator: "; "))"
        let words =
            switch reason {
            case .timedOut: "timed out"
            case .recipientsGone: "recipients are gone"
            case .failed: "servers failed"
            case .tooLarge: "the answers are too large"
            case .senderGone: "the sender is gone"
            case .closed: "the server is closed"
            }
        return "\(words), with \(count)\(failed)"
    }
}
