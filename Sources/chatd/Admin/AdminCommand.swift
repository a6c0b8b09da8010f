import Actors
import Cluster
import Glibc
import Transport

/// `chatd admin`: sends an operator's command to a server on this machine.
enum AdminCommand {
    static func run(_ options: AdminOptions) -> Never {
        // Nothing has to be put in order at the end, so signals need no handling.
        SignalSource.unblock([SIGTERM, SIGINT])
        do {
            let body = Array(options.request.json.utf8)
            let (status, bytes) = try CommandClient(options.address, timeout: options.timeout).send(body)
            guard let answer = AdminAnswer(status: status, body: bytes) else {
                throw CommandClient.Failure(status: status)
            }
            print(answer, options)
            exit(exitCode(of: answer, to: options.request))
        } catch {
            Console.complain("chatd: \(options.address.url): \(error)")
            if case .notPermitted? = error as? CommandClient.Failure { exit(ExitCode.notPermitted) }
            exit(ExitCode.unavailable)
        }
    }

    private static func print(_ answer: AdminAnswer, _ options: AdminOptions) {
        if options.isJSON {
            for line in answer.lines { Console.print(String(decoding: line.utf8, as: UTF8.self)) }
        } else if !answer.lines.isEmpty {
            Console.print(AdminTable.text(of: answer, to: options.request))
        }
        if answer.outcome == .done, let count = answer.count, let verb = verb(of: options.request) {
            Console.print(options.isJSON ? "{\"\(verb)\":\(count)}" : "\(verb) \(count)")
        }
        if case .unban(let target) = options.request, answer.count == 0 {
            Console.complain("chatd: there is no ban of \(target)")
        }
        if let note = answer.note { Console.complain("chatd: \(note)") }
        switch answer.outcome {
        case .done: break
        case .malformed(let reason), .refused(let reason), .failed(let reason): Console.complain("chatd: \(reason)")
        }
    }

    /// What the count of an answer counts, in its last line; nil for a request without such a line.
    private static func verb(of request: AdminRequest) -> String? {
        switch request {
        case .disconnect, .ban: "disconnected"
        case .delete: "deleted"
        default: nil
        }
    }

    static func exitCode(of answer: AdminAnswer, to request: AdminRequest) -> CInt {
        switch answer.outcome {
        case .malformed: return ExitCode.usage
        case .refused: return ExitCode.notPermitted
        case .failed: return ExitCode.unavailable
        case .done: break
        }
        switch request {
        case .disconnect, .unban, .delete: return answer.count == 0 ? ExitCode.unhealthy : ExitCode.success
        default: return ExitCode.success
        }
    }
}
