import Actors
import Transport

/// The answer to an operator's command: JSON objects, one in a line, and a last one that ends the answer.
struct AdminAnswer: Equatable {
    /// How a command has ended.
    enum Outcome: Equatable {
        case done
        case malformed(String)
        /// The server refuses the command, for a reason that lies in the command.
        case refused(String)
        /// The server cannot carry out the command now.
        case failed(String)
    }

    var outcome = Outcome.done
    var lines: [JSONText] = []
    /// How many clients, or bans, the command has concerned; nil if it does not count.
    var count: Int?
    /// What the operator should know about an incomplete answer; nil if it is complete.
    var note: String?

    var response: HTTPResponse {
        var last: [(String, JSONText)] = []
        if let reason { last.append(("error", JSONText(string: reason))) }
        if let count { last.append(("count", JSONText(integer: count))) }
        if let note { last.append(("note", JSONText(string: note))) }
        let body = (lines + [JSONText(object: [("end", JSONText(object: last))])])
            .flatMap { $0.utf8 + [UInt8(ascii: "\n")] }
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/jsonl"), ("Cache-Control", "no-store")],
            body: body)
    }

    private var status: HTTPStatus {
        switch outcome {
        case .done: .ok
        case .malformed: .badRequest
        case .refused: .forbidden
        case .failed: .serviceUnavailable
        }
    }

    private var reason: String? {
        switch outcome {
        case .done: nil
        case .malformed(let reason), .refused(let reason), .failed(let reason): reason
        }
    }

    /// Reads what ``response`` sends.
    /// - Returns: nil for anything else.
    init?(status: Int, body: [UInt8]) {
        var lines: [JSONText] = []
        for line in body.split(separator: UInt8(ascii: "\n")) {
            guard let value = try? JSONText(validating: Array(line)) else { return nil }
            lines.append(value)
        }
        guard let end = lines.popLast()?["end"], end.kind == .object else { return nil }
        let reason = end["error"]?.string ?? ""
        switch status {
        case 200: outcome = .done
        case 400: outcome = .malformed(reason)
        case 403: outcome = .refused(reason)
        case 503: outcome = .failed(reason)
        default: return nil
        }
        self.lines = lines
        count = end["count"]?.integer
        note = end["note"]?.string
    }

    init(_ outcome: Outcome = .done, lines: [JSONText] = [], count: Int? = nil, note: String? = nil) {
        self.outcome = outcome
        self.lines = lines
        self.count = count
        self.note = note
    }
}
