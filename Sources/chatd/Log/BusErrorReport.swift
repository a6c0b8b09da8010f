import Cluster
import Glibc

/// The last line of a process that loses a memory-mapped file.
enum BusErrorReport {
    private static let line: StaticString = """
        error: a memory-mapped file was truncated, such as the -shm file of the database; exiting. \
        Acknowledged messages are in the database and its -wal file.

        """

    /// SQLite maps the `-shm` file. If another program truncates it, the next access raises SIGBUS, from which the
    /// process cannot recover. The process exits with the same code as when it loses its database in another way.
    static func install() {
        signal(SIGBUS) { _ in
            // A signal handler must not allocate or wait.
            _ = write(STDERR_FILENO, BusErrorReport.line.utf8Start, BusErrorReport.line.utf8CodeUnitCount)
            _exit(ExitCode.softwareFailure)
        }
    }
}
