import Cluster
import Glibc

/// What a process says whose memory has gone.
enum LastWords {
    private static let busError: StaticString = """
        error: a file that is mapped into memory was cut, such as the -shm file of the database; ending. What was acknowledged \
        is in the database and its -wal file.

        """

    /// SQLite maps the `-shm` file. When another program cuts it, the next look at it is a bus error, after which nothing can
    /// go on: the process ends as it does when it loses its database in other ways.
    static func sayAtBusError() {
        signal(SIGBUS) { _ in
            // Nothing here may allocate or wait.
            _ = write(STDERR_FILENO, LastWords.busError.utf8Start, LastWords.busError.utf8CodeUnitCount)
            _exit(ExitCode.softwareFailure)
        }
    }
}
