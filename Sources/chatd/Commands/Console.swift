import Glibc
import Synchronization

/// The process's own output: what users read on standard output, and the log on standard error.
enum Console {
    /// Writes one line to standard output.
    static func print(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    /// Writes one line to standard error, as it is. Never waits for whoever reads it: what finds no room is left out.
    static func complain(_ line: String) {
        errorOutput.withLock { $0.write(line) }
    }

    private static let errorOutput = Mutex(LogOutput(to: STDERR_FILENO))

    private static let name = Mutex("")

    /// Says which of several processes writes to this log: its lines bear the name.
    static func setName(_ text: String) {
        name.withLock { $0 = text + ": " }
    }

    /// Writes one line to the log: the time, then the text.
    static func log(_ text: String) {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        complain(
            "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z \(name.withLock { $0 })\(text)")
    }

    private static func two(_ number: CInt) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}
