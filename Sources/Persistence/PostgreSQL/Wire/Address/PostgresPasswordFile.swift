import Glibc

/// A password file (PostgreSQL, 34.16): lines of the form `HOST:PORT:DATABASE:USER:PASSWORD`. An asterisk stands for
/// any value of a field, and a backslash comes before a colon or backslash in a field.
struct PostgresPasswordFile: Equatable, Sendable {
    private struct Line: Equatable {
        /// The host, port, database and user; nil for any.
        let fields: [String?]
        let password: String
    }

    /// The largest file in bytes.
    private static let maxSize = 1 << 20

    private let lines: [Line]

    init(_ contents: [UInt8]) {
        lines = contents.split(separator: UInt8(ascii: "\n")).compactMap(Self.line)
    }

    /// Reads a file. As in PostgreSQL's programs, only its owner may have access.
    init(path: String) throws(PostgresURLError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .badPasswordFile(path: path, reason: systemMessage(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .badPasswordFile(path: path, reason: systemMessage(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .badPasswordFile(path: path, reason: "it is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .badPasswordFile(path: path, reason: "its group or others have access to it; use chmod 600")
        }
        guard status.st_size <= Self.maxSize else {
            throw .badPasswordFile(path: path, reason: "it is larger than \(Self.maxSize) bytes")
        }
        var contents = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < contents.count {
            let count = contents[filled...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else {
                throw .badPasswordFile(path: path, reason: systemMessage(errno))
            }
            guard count != 0 else { break }
            filled += max(count, 0)
        }
        self.init(Array(contents[..<filled]))
    }

    /// The password of the first line that matches; nil if none does.
    func password(at server: PostgresURL.Server, database: String, user: String) -> String? {
        let (host, port) =
            switch server {
            case .tcp(let host, let port): (host, port)
            case .socket(PostgresURL.defaultDirectory, let port): ("localhost", port)
            case .socket(let directory, let port): (directory, port)
            }
        let wanted = [host, "\(port)", database, user]
        return lines.first { line in
            zip(line.fields, wanted).allSatisfy { field, value in field == nil || field == value }
        }?.password
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> Line? {
        guard bytes.first != UInt8(ascii: "#") else { return nil }
        var fields: [String?] = []
        var rest = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
        while fields.count < 4 {
            var index = rest.startIndex
            while index < rest.endIndex, rest[index] != UInt8(ascii: ":") {
                index += rest[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard index < rest.endIndex, let text = unescaped(rest[..<index]) else { return nil }
            fields.append(rest[..<index].elementsEqual("*".utf8) ? nil : text)
            rest = rest[(index + 1)...]
        }
        return unescaped(rest).map { Line(fields: fields, password: $0) }
    }

    /// The text without the backslashes that escape; nil if it is not UTF-8 or has a zero byte.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let next = rest.popFirst() { byte = next }
            bytes.append(byte)
        }
        return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
}
