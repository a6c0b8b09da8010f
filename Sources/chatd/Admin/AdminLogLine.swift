import Actors
import ChatApplication

/// The line of the log about an operator's command: who has given it, what it is, and how it has ended. It has no
/// texts, such as announcements and reasons.
enum AdminLogLine {
    /// - Parameters:
    ///   - request: nil for one that is not understood.
    ///   - user: the number of the user; nil if unknown.
    static func text(of request: AdminRequest?, from user: UInt32?, _ answer: AdminAnswer) -> String {
        var words = ["a request that is not understood"]
        if let request {
            let command = request.json
            words = [command["command"]?.string, command["target"]?.string.map(LogLine.word)].compactMap { $0 }
            if case .delete(let ids) = request { words += ids.map(String.init) }
        }
        let who = user.map { "user \($0)" } ?? "an unknown user"
        return "chatd admin (\(who)): \(words.joined(separator: " ")): \(result(of: answer))"
    }

    /// The level and the rate of the line. No line about a command that changes something is suppressed.
    static func form(of request: AdminRequest?, _ answer: AdminAnswer) -> (level: LogLevel, rate: LogLimit.Rate) {
        let isDone = answer.outcome == .done
        guard let request, !request.changesNothing else {
            return isDone ? (.debug, .detail) : (.warning, .occurrence)
        }
        return (isDone ? .info : .warning, .act)
    }

    private static func result(of answer: AdminAnswer) -> String {
        switch answer.outcome {
        case .done: "done" + (answer.count.map { " (\($0))" } ?? "") + (answer.note == nil ? "" : ", incomplete")
        case .malformed: "malformed"
        case .refused: "refused"
        case .failed(let reason): "failed: \(reason)"
        }
    }
}

extension AdminRequest {
    /// True for a command that only reads.
    var changesNothing: Bool {
        switch self {
        case .connections, .bans, .counters: true
        default: false
        }
    }
}
