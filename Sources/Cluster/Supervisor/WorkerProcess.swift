import CLinux
import Glibc
import Transport

/// A worker's process, from its start until it is reaped.
public struct WorkerProcess {
    /// The descriptors that a worker's process begins with: its ends of the link, and its listening sockets behind these.
    static let readingDescriptor: CInt = 3
    static let writingDescriptor: CInt = 4
    static let firstSocketDescriptor: CInt = 5

    /// The signals that are meant for the supervisor, and that a terminal sends to the whole group.
    private static let supervisorSignals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]

    let pid: Int32
    private let machine: any Machine

    /// Starts a process. It gets no descriptor but the standard ones and those that are meant for it, and the signals that are
    /// meant for the supervisor, but may be sent to the whole group, are blocked in it from its first instruction on.
    /// - Throws: ``SystemError`` when the system cannot start it.
    init(
        executable: String, arguments: [String], link: PipePair.Ends, sockets: [ListeningSocket],
        on machine: any Machine = LinuxMachine.shared
    ) throws(SystemError) {
        self.machine = machine
        pid = try machine.spawn(
            executable, arguments: arguments,
            descriptors: [link.reading, link.writing] + sockets.map(\.descriptor), blocking: Self.supervisorSignals)
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
    public static func inherited(sockets count: Int) throws(SystemError) -> (PipePair.Ends, [ListeningSocket]) {
        try inherited(sockets: count, on: LinuxMachine.shared)
    }

    package static func inherited(
        sockets count: Int, on machine: any Machine
    ) throws(SystemError) -> (PipePair.Ends, [ListeningSocket]) {
        var sockets: [ListeningSocket] = []
        for index in 0..<count {
            sockets.append(try ListeningSocket(inherited: firstSocketDescriptor + CInt(index), on: machine))
        }
        for descriptor in [readingDescriptor, writingDescriptor] { try machine.keepFromChildren(descriptor) }
        return (PipePair.Ends(reading: readingDescriptor, writing: writingDescriptor, on: machine), sockets)
    }

    /// Ends it at once.
    func kill() {
        machine.kill(pid)
    }

    /// How it ended; nil while it is there.
    func reap() -> ProcessEnd? {
        machine.reap(pid)
    }
}
