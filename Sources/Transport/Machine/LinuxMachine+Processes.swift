import CLinux
import Glibc

/// Child processes and signals.
extension LinuxMachine {
    /// The first descriptor of a child after the standard ones.
    private static let firstDescriptor: CInt = 3

    package func spawn(
        _ program: String, arguments: [String], descriptors: [CInt], variables: [String: String],
        blocking signals: [CInt]
    ) throws(SystemError) -> Int32 {
        // Move the descriptors above the numbers that they get in the child, so that none is overwritten.
        var kept: [CInt] = []
        defer { for descriptor in kept { Glibc.close(descriptor) } }
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.firstDescriptor + CInt(descriptors.count))
            guard copy >= 0 else { throw SystemError("fcntl") }
            kept.append(copy)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in kept.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Self.firstDescriptor + CInt(index))
        }
        // This process may have inherited descriptors that are not close-on-exec.
        _ = clinux_close_from(&actions, Self.firstDescriptor + CInt(kept.count))
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.setSignals(&attributes, blocked: signals)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment = Self.environment(adding: variables) + [nil]
        defer { for variable in environment { free(variable) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, program, &actions, &attributes, &words, &environment)
        guard failure == 0 else { throw SystemError("posix_spawn", code: failure) }
        return pid
    }

    /// Copies of this process's environment variables, as `NAME=VALUE`, and of additional ones. An additional variable
    /// replaces an existing one of the same name. The caller frees the copies.
    private static func environment(adding variables: [String: String]) -> [UnsafeMutablePointer<CChar>?] {
        var entries: [UnsafeMutablePointer<CChar>?] = []
        var next = environ
        while let entry = next.pointee {
            // The value may have bytes that are not UTF-8, so only the name becomes a string.
            let name = String(decoding: UnsafeRawBufferPointer(start: entry, count: strcspn(entry, "=")), as: UTF8.self)
            if variables[name] == nil { entries.append(strdup(entry)) }
            next += 1
        }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) { entries.append(strdup("\(name)=\(value)")) }
        return entries
    }

    private static func setSignals(_ attributes: inout posix_spawnattr_t, blocked signals: [CInt]) {
        var blocked = SignalSource.mask(of: signals)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    }

    package func kill(_ process: Int32) {
        Glibc.kill(process, SIGKILL)
    }

    package var processID: Int32 { getpid() }

    package func exit(code: CInt) {
        Glibc.exit(code)
    }

    package func reap(_ process: Int32) -> ProcessEnd? {
        var status: CInt = 0
        while true {
            switch waitpid(process, &status, WNOHANG) {
            case process: return ProcessEnd(status: status)
            case 0: return nil
            // There is no such child. Only this method reaps the children that this process starts, and it is not
            // called again for a reaped one, so the child never existed.
            default: if errno != EINTR { return .exited(code: -1) }
            }
        }
    }

    package func reapForeignChildren(unless isOwn: (Int32) -> Bool) {
        while let process = Self.endedChild(), !isOwn(process) {
            waitpid(process, nil, WNOHANG)
        }
    }

    /// A child that has ended and was not reaped.
    private static func endedChild() -> pid_t? {
        var info = siginfo_t()
        guard waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 else { return nil }
        let pid = info._sifields._sigchld.si_pid
        return pid == 0 ? nil : pid
    }

    package func receiveSignals(_ signals: [CInt]) throws(SystemError) -> CInt {
        var mask = SignalSource.mask(of: signals)
        let descriptor = clinux_signalfd(&mask)
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        return descriptor
    }

    package func nextSignal(from descriptor: CInt) -> CInt? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard Glibc.read(descriptor, &info, size) == size else { return nil }
        return CInt(info.ssi_signo)
    }
}
