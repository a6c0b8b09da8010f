import CLinux
import Glibc
import Transport

/// What tells one file of this machine from another.
private struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    /// - Returns: nil if there is no such file. Symbolic links are followed.
    init?(atPath path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}

/// A worker's process, from its start until it is reaped.
package struct WorkerProcess {
    /// The descriptors that a worker inherits: its ends of the link, then the socket for passing connections if the
    /// workers share their listening sockets, then these, then the settings of its command line if there are any.
    static let readingDescriptor: CInt = 3
    static let writingDescriptor: CInt = 4
    static let nextDescriptor: CInt = 5

    /// The descriptors that a worker's process has inherited.
    package struct Inheritance: Sendable {
        /// The ends of the link.
        package let link: PipePair.Ends
        /// The socket for passing connections; nil if the workers do not share their listening sockets.
        package let passing: CInt?
        /// The listening sockets.
        package let sockets: [ListeningSocket]
    }

    /// Signals that are meant for the supervisor, but that a terminal sends to the whole process group.
    private static let supervisorSignals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]

    let pid: Int32
    private let machine: any Machine

    /// Starts a process. It inherits only the standard descriptors and those of the parameters. The
    /// ``supervisorSignals`` are blocked in it from its first instruction on.
    /// - Throws: ``SystemError`` if the system cannot start it.
    init(
        executable: String, command: WorkerCommandLine, link: PipePair.Ends, passing: CInt? = nil,
        sockets: [ListeningSocket], on machine: any Machine = LinuxMachine.shared
    ) throws(SystemError) {
        self.machine = machine
        pid = try machine.spawn(
            executable, arguments: command.arguments,
            descriptors: [link.reading, link.writing] + [passing].compactMap { $0 } + sockets.map(\.descriptor)
                + [command.settings?.descriptor].compactMap { $0 },
            variables: command.variables,
            blocking: Self.supervisorSignals)
    }

    /// The number of cores that this process may use: those in its CPU affinity mask, but at most the quota of its
    /// control groups.
    package static var availableCores: Int {
        let quota = CPUQuota { path in SystemFile.read(path).map { String(decoding: $0, as: UTF8.self) } }
        return max(1, min(Int(clinux_available_cores()), quota.wholeCores ?? .max))
    }

    /// The path of this program, by which it was started: a symbolic link stays one. A worker that is started later
    /// runs the file that has this path then.
    /// - Throws: ``SystemError`` if the system does not tell it, for example without `/proc`.
    package static func executablePath() throws(SystemError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw SystemError("readlink") }
        let searched = getenv("PATH").map { String(cString: $0) } ?? ""
        return executablePath(invokedAs: CommandLine.arguments.first ?? "", searching: searched)
            ?? pathWithoutMark(String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    /// Removes the mark that the kernel appends to the path of a file that was removed or replaced (proc(5)).
    private static func pathWithoutMark(_ path: String) -> String {
        let mark = " (deleted)"
        return path.hasSuffix(mark) && access(path, F_OK) != 0 ? String(path.dropLast(mark.count)) : path
    }

    /// The absolute path for the name by which this program was started; nil if another file or none has that name.
    /// - Parameter path: the directories in which a name without a slash is searched, separated by colons.
    static func executablePath(invokedAs name: String, searching path: String) -> String? {
        let candidates = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        guard !name.isEmpty, let own = FileIdentity(atPath: "/proc/self/exe"),
            let found = candidates.first(where: { FileIdentity(atPath: $0) == own })
        else { return nil }
        guard !found.hasPrefix("/") else { return found }
        guard let directory = getcwd(nil, 0) else { return nil }
        defer { free(directory) }
        return String(cString: directory) + "/" + found
    }

    // MARK: Inside the worker

    /// Makes the system kill the calling process when the thread that started it ends, and so at the latest when its
    /// parent ends (prctl(2), `PR_SET_PDEATHSIG`).
    /// - Parameter parent: the id of the process that started this one. If it has already ended, this process exits.
    package static func endWithParent(_ parent: pid_t) {
        _ = clinux_set_parent_death_signal(SIGKILL)
        // The parent may have ended before the call.
        if getppid() != parent { exit(0) }
    }

    /// Gives the signals that are meant for the supervisor a handler without effect, unless the program handles them.
    /// They are blocked in a worker, but Dispatch lets them through in the main thread of a program that waits there
    /// (`dispatch_main`). Children of the worker do not inherit the handler.
    static func leaveSignalsToSupervisor() {
        for signal in supervisorSignals {
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil else { continue }
            action.__sigaction_handler.sa_handler = { _ in }
            action.sa_flags = SA_RESTART
            sigaction(signal, &action, nil)
        }
    }

    /// The descriptors that the calling process inherited as a worker.
    /// - Parameters:
    ///   - count: the number of listening sockets.
    ///   - sharesPort: true if all workers accept connections on these sockets.
    /// - Throws: ``SystemError`` if the process was not started as a worker.
    package static func inherited(
        sockets count: Int, sharesPort: Bool = false, on machine: any Machine = LinuxMachine.shared
    ) throws(SystemError) -> Inheritance {
        let passing = sharesPort ? nextDescriptor : nil
        let first = nextDescriptor + (sharesPort ? 1 : 0)
        var sockets: [ListeningSocket] = []
        for index in 0..<count {
            sockets.append(try ListeningSocket(inherited: first + CInt(index), on: machine))
        }
        for descriptor in [readingDescriptor, writingDescriptor] + (passing.map { [$0] } ?? []) {
            try machine.keepFromChildren(descriptor)
        }
        return Inheritance(
            link: PipePair.Ends(reading: readingDescriptor, writing: writingDescriptor, on: machine),
            passing: passing, sockets: sockets)
    }

    /// Kills the process.
    func kill() {
        machine.kill(pid)
    }

    /// Reaps the process.
    /// - Returns: how it ended; nil while it runs.
    func reap() -> ProcessEnd? {
        machine.reap(pid)
    }
}
