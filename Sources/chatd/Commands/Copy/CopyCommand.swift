import Cluster
import Glibc
import Persistence
import Transport

/// `chatd copy`: moves an SQLite database to PostgreSQL.
enum CopyCommand {
    static func run(_ options: CopyOptions) -> Never {
        // A copy may end at any moment, so signals need no handling.
        SignalSource.unblock([SIGTERM, SIGINT])
        let isTerminal = isatty(STDERR_FILENO) == 1
        var progress = ProgressLine(isTerminal: isTerminal)
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let report = try DatabaseCopy.run(from: options.source, to: options.target) { status in
                guard let line = progress.line(status.progress, at: clock.now) else { return }
                if isTerminal { Console.redraw(line) } else { Console.complain("chatd: \(line)") }
            }
            if isTerminal { Console.redraw("") }
            Console.print(CopySummary.text(report, duration: clock.now - start))
            exit(ExitCode.success)
        } catch {
            if isTerminal { Console.redraw("") }
            Console.complain("chatd: \(Secrets.masked("\(error)"))")
            exit(ExitCode.unavailable)
        }
    }
}
