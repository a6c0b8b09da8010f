import ChatApplication
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
            case .sqlite(let path):
                DatabaseExamination(path: path, completely: options.isFull).run() + bans(beside: path)
            case .postgres(let url): PostgresExamination.run(url)
            }
        for finding in findings { Console.print(LogLine.printable("\(finding)")) }
        exit(findings.contains { $0.level == .problem } ? ExitCode.unhealthy : ExitCode.success)
    }

    /// What is wrong with the bans of a server with this database.
    private static func bans(beside path: String) -> [Finding] {
        let file = BanFile(path + ".bans")
        do throws(BanFile.Unreadable) {
            return try file.read().warnings(about: file.path).map { Finding(.warning, $0) }
        } catch {
            return [Finding(.problem, "\(error); a server with this database would not start")]
        }
    }
}
