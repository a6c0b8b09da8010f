import Glibc

/// Children that this process did not start: the orphans that process 1 of a container inherits, and the children of a shell that
/// became this program by `exec`.
enum ForeignChildren {
    /// Reaps those that have ended.
    /// - Parameter isOwn: whether a child is one that this process started. Such a one is left to be reaped as what it is, and the
    ///   foreign ones behind it to the next call: the signal that tells of it is on its way.
    static func reap(unless isOwn: (pid_t) -> Bool) {
        while let pid = firstEnded(), !isOwn(pid) {
            waitpid(pid, nil, WNOHANG)
        }
    }

    /// A child that has ended and is not reaped.
    private static func firstEnded() -> pid_t? {
        var info = siginfo_t()
        guard waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 else { return nil }
        let pid = info._sifields._sigchld.si_pid
        return pid == 0 ? nil : pid
    }
}
