/// The reason why an event that asks several clients or servers for answers did not get an answer from each of them,
/// with the answers that arrived.
public struct IncompleteAnswers: Error, Sendable {
    /// Why answers are missing.
    public enum Reason: Sendable, Equatable {
        /// Not everyone answered within the timeout.
        case timedOut
        /// The event was not sent within the timeout: 1024 earlier ones of this worker wait for answers, or earlier
        /// calls of the socket that asks have not ended.
        case notSent
        /// Everyone else has answered. The others are gone: clients have disconnected or missed the volatile event, or
        /// workers have ended.
        case recipientsGone
        /// A server has no handler of the event, its handler failed, or an answer has another type than the expected
        /// one; see ``IncompleteAnswers/failures``.
        case failed
        /// The answers exceed 4 MiB, or those to all events of this worker that wait for answers exceed 16 MiB. The
        /// second limit ends the events with the largest answers. Each answer counts 64 bytes more than its content.
        case tooLarge
        /// The event is larger than 32 MiB, so it was not sent.
        case eventTooLarge
        /// Another connection has resumed the session of the socket that asked, so the event was not sent.
        case senderGone
        /// The server is closed, or has not started.
        case closed
    }

    /// Why answers are missing.
    public let reason: Reason
    /// The answers that arrived, in the order of their arrival.
    public let answers: [Arguments]
    /// Why answers do not count: the failures of servers, and the errors of answers that have another type than the
    /// expected one.
    public let failures: [String]

    init(_ reason: Reason, answers: [Arguments] = [], failures: [String] = []) {
        self.reason = reason
        self.answers = answers
        self.failures = failures
    }

    /// The first argument of each answer, as a Swift value. Skips the answers that have another type, which may come
    /// from faulty or hostile clients.
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    public func answers<Answer: Decodable>(as type: Answer.Type, coding: ValueCoding = .standard) -> [Answer] {
        answers.compactMap { try? $0.decode(type, coding: coding) }
    }

    /// Decodes the first argument of each answer.
    /// - Throws: ``IncompleteAnswers`` with the other answers, if some have another type.
    static func decode<Answer: Decodable>(_ answers: [Arguments], coding: ValueCoding) throws -> [Answer] {
        var values: [Answer] = []
        var accepted: [Arguments] = []
        var failures: [String] = []
        for answer in answers {
            do {
                values.append(try answer.decode(coding: coding))
                accepted.append(answer)
            } catch {
                failures.append("\(error)")
            }
        }
        guard failures.isEmpty else { throw IncompleteAnswers(.failed, answers: accepted, failures: failures) }
        return values
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
            case .notSent: "not sent in time"
            case .recipientsGone: "recipients are gone"
            case .failed: "some recipients failed"
            case .tooLarge: "the answers are too large"
            case .eventTooLarge: "the event is too large"
            case .senderGone: "the sender is gone"
            case .closed: "the server is closed"
            }
        return "\(words), with \(count)\(failed)"
    }
}
