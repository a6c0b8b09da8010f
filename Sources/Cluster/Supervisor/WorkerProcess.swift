import CLinux
import Glibc
import Transport

/// A worker's process, from its start until it is reaped.
public struct WorkerProcess {
    /// The descriptors that a worker's process begins with: its ends of the link, and its listening sockets behind these.
    static let readingDescriptor: CInt = 3
    static let writingDescriptor: CInt = 4
    static let firstSocketDescriptor: CInt = 5

    let pid: pid_t

    /// Starts a process. It gets no descriptor but the standard ones and those that are meant for it, and the signals that are
    /// meant for the supervisor, but may be sent to the whole group, are blocked in it from its first instruction on.
    /// - Throws: ``SystemError`` when the system cannot start it.
    init(executable: String, arguments: [String], link: Pipe.Ends, sockets: [ListeningSocket]) throws(SystemError) {
        // First out of the way of the numbers that they will have.
        var kept: [CInt] = []
        defer { for descriptor in kept { close(descriptor) } }
        let given = [link.reading, link.writing] + sockets.map(\.descriptor)
        for descriptor in given {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.readingDescriptor + CInt(given.count))
            guard copy >= 0 else { throw SystemError("fcntl") }
            kept.append(copy)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in kept.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Self.readingDescriptor + CInt(index))
        }
        // Also those that this process was given by whoever started it.
        _ = clinux_close_from(&actions, Self.readingDescriptor + CInt(kept.count))
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.setSignals(&attributes)
        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, executable, &actions, &attributes, &words, environ)
        guard failure == 0 else { throw SystemError("posix_spawn", code: failure) }
        self.pid = pid
    }

    /// How many cores this process may use: those it may run on, and no more than the quota of its control groups is worth.
    public static var availableCores: Int {
        let quota = CPUQuota { path in SystemFile.read(path).map { String(decoding: $0, as: UTF8.self) } }
        return max(1, min(Int(clinux_available_cores()), quota.wholeCores ?? .max))
    }

    // MARK: Inside of it

    /// Makes the calling process end at once when the one that started it does, however that happens.
    /// - Parameter parent: the process that must have started this one.
    public static func endWithParent(_ parent: pid_t) {
        _ = clinux_set_parent_death_signal(SIGKILL)
        // It may have ended before.
        if getppid() != parent { exit(0) }
    }

    /// What the calling process was given: its ends of the link, and listening sockets.
    /// - Throws: ``SystemError`` when it was not started as a worker.
    public static func inherited(sockets count: Int) throws(SystemError) -> (Pipe.Ends, [ListeningSocket]) {
        var sockets: [ListeningSocket] = []
        for index in 0..<count {
            sockets.append(try ListeningSocket(inherited: firstSocketDescriptor + CInt(index)))
        }
        for descriptor in [readingDescriptor, writingDescriptor] {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) >= 0 else { throw SystemError("fcntl") }
        }
        return (Pipe.Ends(reading: readingDescriptor, writing: writingDescriptor), sockets)
    }

    private static func setSignals(_ attributes: inout posix_spawnattr_t) {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { sigaddset(&blocked, signal) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    }

    /// Ends it at once.
    func kill() {
        Glibc.kill(pid, SIGKILL)
    }

    /// How it ended; nil while it is there.
    func reap() -> ProcessEnd? {
        var status: CInt = 0
        while true {
            switch waitpid(pid, &status, WNOHANG) {
            case pid: return ProcessEnd(status: status)
            case 0: return nil
            // It was not there at all: nobody else reaps what this process starts.
            default: if errno != EINTR { return .exited(code: -1) }
            }
        }
    }
}
