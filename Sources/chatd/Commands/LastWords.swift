import Cluster
import Glibc

/// The error message of a process that loses a memory-mapped file.
enum LastWords {
    private static let busError: StaticString = """
        error: a memory-mapped file was truncated, such as the -shm file of the database; ending. Acknowledged messages are in \
        the database and its -wal file.

        """

    /// SQLite maps the `-shm` file. If another program truncates it, the next access is a bus error, from which the process
    /// cannot recover. It exits with the same code as when it loses its database in another way.
    static func sayAtBusError() {
        signal(SIGBUS) { _ in
            // A signal handler must not allocate or wait.
            _ = write(STDERR_FILENO, LastWords.busError.utf8Start, LastWords.busError.utf8CodeUnitCount)
            _exit(ExitCode.softwareFailure)
        }
    }
}
