import Cluster
import Glibc
import Persistence
import Transport

/// What the commands on a database have in common.
enum MaintenanceCommand {
    /// Prints the text that `body` returns, or its error, and exits.
    static func run(_ body: () throws(MaintenanceError) -> String) -> Never {
        // Each command may end at any moment, so signals need no handling.
        SignalSource.unblock([SIGTERM, SIGINT])
        do {
            let text = try body()
            if !text.isEmpty { Console.print(text) }
            exit(ExitCode.success)
        } catch {
            Console.complain("chatd: \(Secrets.masked("\(error)"))")
            if case .line = error { exit(ExitCode.badData) }
            exit(ExitCode.unavailable)
        }
    }
}

extension ProgressLine.Status {
    /// The status of a copy of bytes.
    static func bytes(_ verb: String, _ done: Int64, of total: Int64) -> Self {
        Self(
            verb: verb, done: done, total: total, text: "\(ByteCount.text(done)) of \(ByteCount.text(total))",
            amount: ByteCount.text)
    }
}

extension Duration {
    /// In seconds with one decimal.
    var secondsText: String {
        let tenths = (Int64(self / .milliseconds(1)) + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
