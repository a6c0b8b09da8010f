import Cluster
import Glibc
import Transport

/// `chatd check`: checks the options of a start and what they name, and prints what is in force.
enum CheckCommand {
    /// - Parameter notes: lines about the environment.
    static func run(_ options: CheckOptions, notes: [String]) -> Never {
        SignalSource.unblock([SIGTERM, SIGINT])
        Task.detached {
            var check = ServerCheck(options)
            await check.run()
            for line in lines(options, notes: notes + check.report.notes) { Console.print(LogLine.printable(line)) }
            for problem in check.report.mistakes + check.report.failures {
                Console.complain("error: \(Secrets.masked(problem))")
            }
            if check.report.exitCode == ExitCode.success { Console.print("a start would succeed") }
            exit(check.report.exitCode)
        }
        while true { pause() }
    }

    private static func lines(_ options: CheckOptions, notes: [String]) -> [String] {
        var title = "chatd \(Version.current), options of chatd \(options.command.rawValue)"
        if options.command == .supervise { title += " with \(options.options.workers) workers" }
        let own = Set(SuperviseOptions.own.map(\.name))
        let settings = options.values.all.filter { options.command == .supervise || !own.contains($0.option.name) }
            .map { $0.inForce(in: options.options.serve.server) }
        return [title] + CheckTable.lines(settings) + notes.map { "note: \($0)" }
    }
}
