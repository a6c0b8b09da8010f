import Glibc

/// Writes lines to a descriptor and never waits for its reader, so that an unread log does not stop a server.
struct LogOutput {
    private enum Kind {
        /// Never blocks.
        case file
        case socket
        /// A pipe or a terminal, opened again, because `O_NONBLOCK` on the inherited descriptor would affect other
        /// processes.
        case reopened
        /// A pipe or a terminal that cannot be opened again. It is polled for room before each write.
        case shared
    }

    private let descriptor: CInt
    private let kind: Kind
    private var lostLines = 0
    private var endsMidLine = false

    init(to descriptor: CInt) {
        var status = stat()
        fstat(descriptor, &status)
        switch status.st_mode & S_IFMT {
        case S_IFSOCK:
            (self.descriptor, kind) = (descriptor, .socket)
        case S_IFIFO, S_IFCHR:
            let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
            (self.descriptor, kind) = own >= 0 ? (own, .reopened) : (descriptor, .shared)
        default:
            (self.descriptor, kind) = (descriptor, .file)
        }
    }

    /// - Parameter note: the line about a number of lost lines.
    mutating func write(
        _ line: String, note: (Int) -> String = { "(\($0) lines were lost: the log could not be written)" }
    ) {
        var text = endsMidLine ? "\n" : ""
        if lostLines > 0 { text += note(lostLines) + "\n" }
        var bytes = Array((text + line + "\n").utf8)[...]
        let size = bytes.count
        while !bytes.isEmpty {
            let count = writeOnce(bytes)
            guard count > 0 || errno == EINTR else { break }
            bytes = bytes.dropFirst(max(0, count))
        }
        if bytes.isEmpty {
            (lostLines, endsMidLine) = (0, false)
        } else {
            lostLines += 1
            endsMidLine = endsMidLine || bytes.count < size
        }
    }

    private func writeOnce(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes {
            switch kind {
            case .socket:
                return send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            case .file, .reopened:
                return Glibc.write(descriptor, $0.baseAddress, $0.count)
            case .shared:
                var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&asked, 1, 0) > 0 else {
                    errno = EAGAIN
                    return -1
                }
                return Glibc.write(descriptor, $0.baseAddress, min($0.count, Int(PIPE_BUF)))
            }
        }
    }
}
