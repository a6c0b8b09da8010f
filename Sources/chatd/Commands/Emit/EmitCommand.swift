import Actors
import Cluster
import Glibc
import Transport

/// `chatd emit`: sends events to the clients of all hosts.
enum EmitCommand {
    static func run(_ options: EmitOptions) -> Never {
        // Nothing has to be put in order at the end, so signals need no handling.
        SignalSource.unblock([SIGTERM, SIGINT])
        let emitter: Emitter
        do {
            emitter = try Emitter(options.url, timeout: options.timeout)
        } catch {
            fail(error)
        }
        Task.detached {
            do {
                try await send(options, through: options.audience(of: emitter))
                exit(ExitCode.success)
            } catch {
                fail(error)
            }
        }
        while true { pause() }
    }

    private static func send(_ options: EmitOptions, through emitter: Emitter) async throws {
        switch options.input {
        case .event(let name, let arguments): try await emitter.emit(name, arguments)
        case .lines:
            var input = InputLines(STDIN_FILENO)
            while let line = try input.next() {
                guard !line.isEmpty else { continue }
                let event = try EmitLine(line, number: input.number)
                do {
                    try await emitter.emit(event.name, event.arguments)
                } catch EmitterError.invalidEvent(let reason) {
                    throw EmitLine.Failure(number: input.number, reason: reason)
                }
            }
        }
    }

    private static func fail(_ error: any Error) -> Never {
        let isAboutURL = if case .invalidURL? = error as? EmitterError { true } else { false }
        Console.complain("chatd: \(isAboutURL ? "--backplane: " : "")\(Secrets.masked("\(error)"))")
        exit(exitCode(of: error))
    }

    private static func exitCode(of error: any Error) -> CInt {
        switch error {
        case EmitterError.invalidURL, EmitterError.invalidEvent: ExitCode.usage
        case is EmitLine.Failure, is InputLines.Failure: ExitCode.badData
        case EmitterError.outcomeUnknown: ExitCode.unconfirmed
        case EmitterError.refused: ExitCode.notPermitted
        default: ExitCode.unavailable
        }
    }
}

extension EmitOptions {
    fileprivate func audience(of emitter: Emitter) -> Emitter {
        var audience = emitter.of(namespace).except(exceptions)
        if !rooms.isEmpty { audience = audience.to(rooms) }
        return isVolatile ? audience.volatile : audience
    }
}
