import Cluster
import Glibc
import Persistence
import Transport

/// `chatd doctor`: examines a database.
enum DoctorCommand {
    static func run(_ options: DoctorOptions) -> Never {
        SignalSource.unblock([SIGTERM, SIGINT])
        let findings =
            switch options.database {
            case .sqlite(let path): DatabaseExamination(path: path, completely: options.isFull).run()
            case .postgres(let url): PostgresExamination.run(url)
            }
        for finding in findings { Console.print(LogLine.printable("\(finding)")) }
        exit(findings.contains { $0.level == .problem } ? ExitCode.unhealthy : ExitCode.success)
    }
}
