import Glibc
import Persistence
import Transport

/// The file of `--admin-ui-password-file`: one line `NAME:HASH`, or `HASH` for the name `admin`. Blank lines, and those
/// that begin with `#`, are ignored.
struct AdminUIAccount: Equatable, Sendable {
    /// The largest file, in bytes.
    static let maxBytes = 16 << 10
    /// The longest name, in bytes.
    static let maxName = 64
    private static let defaultName = "admin"

    /// A file without an account.
    struct InvalidError: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The content, which the primary process passes to its workers.
    let text: String
    let name: String
    let hash: PasswordHash
    /// A warning for the operator, about the file's mode or a weak hash.
    private(set) var warnings: [String] = []

    /// Reads a file.
    init(path: String) throws(InvalidError) {
        guard access(path, R_OK) == 0 else {
            throw InvalidError(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let bytes = SystemFile.read(path, limit: Self.maxBytes), !bytes.contains(0),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw InvalidError(description: "\(path) cannot be read as a text of at most \(Self.maxBytes) bytes") }
        try self.init(text: text, path: path)
        var status = stat()
        if stat(path, &status) == 0, let others = LogReports.users(ofMode: Int(status.st_mode & 0o777)) {
            warnings.append("\(path) has secrets and is open to \(others); chmod 600 makes it private")
        }
    }

    /// - Parameters:
    ///   - text: the content of a file.
    ///   - path: the file's name, for errors.
    init(text: String, path: String) throws(InvalidError) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .map { (number: $0 + 1, text: Self.trimmed($1)) }
            .filter { !$0.text.isEmpty && !$0.text.hasPrefix("#") }
        guard lines.count == 1, let line = lines.first else {
            throw InvalidError(description: "\(path) has \(lines.count) accounts and not one")
        }
        let colon = line.text.lastIndex(of: ":")
        let name = colon.map { String(line.text[..<$0]) } ?? Self.defaultName
        guard (1...Self.maxName).contains(name.utf8.count), name.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
        else {
            throw InvalidError(description: "\(path):\(line.number): the name has not 1 to \(Self.maxName) bytes")
        }
        // The line is in no message: it may be a password.
        guard let hash = PasswordHash(String(colon.map { line.text[line.text.index(after: $0)...] } ?? line.text))
        else {
            throw InvalidError(
                description: "\(path):\(line.number): not a hash that chatd admin hash-password has printed")
        }
        self.text = text
        self.name = name
        self.hash = hash
        if hash.rounds < PasswordHash.rounds {
            warnings.append(
                "\(path): the hash has \(hash.rounds) rounds, which makes passwords easy to guess for a reader of the "
                    + "file; chatd admin hash-password prints one with \(PasswordHash.rounds)")
        }
    }

    /// True if a client knows the name and the password. This blocks the thread, for a wrong name as long as for the
    /// right one.
    func matches(name: String, password: [UInt8]) -> Bool {
        let isName = ConstantTime.areEqual(
            SHA256.digest(Array(name.utf8)), SHA256.digest(Array(self.name.utf8)))
        return hash.matches(password) && isName
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return text
    }
}
