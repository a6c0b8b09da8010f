import Glibc

/// Reads a new password: twice from a terminal, which does not show it, or else one line of standard input.
enum PasswordInput {
    /// The reason why there is no password.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case empty
        case tooLong
        case different
        case unreadable(String)

        var description: String {
            switch self {
            case .empty: "the password is empty"
            case .tooLong: "the password has more than \(PasswordHash.maxPassword) bytes"
            case .different: "the two passwords differ"
            case .unreadable(let reason): "no password was read: \(reason)"
            }
        }
    }

    static func read() throws(Failure) -> [UInt8] {
        guard isatty(STDIN_FILENO) == 1 else { return try line() }
        let first = try hiddenLine("password: ")
        guard try hiddenLine("the same again: ") == first else { throw .different }
        return first
    }

    /// Asks at the terminal.
    private static func hiddenLine(_ question: String) throws(Failure) -> [UInt8] {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw .unreadable(String(cString: strerror(errno))) }
        // A signal would otherwise leave a terminal that shows nothing: in this time it waits.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGHUP] { sigaddset(&signals, signal) }
        var earlier = sigset_t()
        pthread_sigmask(SIG_BLOCK, &signals, &earlier)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // Without this the signal of Ctrl-C would wait until the line has ended.
        hidden.c_lflag &= ~tcflag_t(ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            pthread_sigmask(SIG_SETMASK, &earlier, nil)
        }
        write(question)
        defer { write("\n") }
        let line = try line()
        // The characters of Ctrl-C and Ctrl-\ are none of a password.
        guard !line.contains(3), !line.contains(28) else { throw .unreadable("interrupted") }
        return line
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// A line without its end, from which nothing is read in advance.
    private static func line() throws(Failure) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(String(cString: strerror(errno))) }
            if count == 0 || byte == UInt8(ascii: "\n") { break }
            line.append(byte)
            guard line.count <= PasswordHash.maxPassword + 1 else { throw .tooLong }
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw .empty }
        guard line.count <= PasswordHash.maxPassword else { throw .tooLong }
        return line
    }
}
