import Actors
import Glibc
import Transport

/// A file with the keys of tokens, one in a line: `SECRET` or `NAME = SECRET`. A secret is a text, or `base64:` and the
/// base64 of bytes. Blank lines, and those that begin with `#`, are ignored.
struct TokenKeysFile: Sendable {
    /// The largest file, in bytes.
    static let maxBytes = 64 << 10
    /// The most keys, because a token without a name is tried with each.
    static let maxKeys = 16

    /// A file without valid keys.
    struct InvalidError: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The content, which the primary process passes to its workers.
    let text: String
    let keys: [TokenKey]
    /// A warning for the operator: others can read or change the file.
    private(set) var warning: String?

    /// Reads a file.
    init(path: String) throws(InvalidError) {
        guard let bytes = SystemFile.read(path) else {
            let reason = access(path, R_OK) == 0 ? "" : ": \(String(cString: strerror(errno)))"
            throw InvalidError(description: "\(path) cannot be read\(reason)")
        }
        guard bytes.count <= Self.maxBytes, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self)
        else {
            throw InvalidError(description: "\(path) is not a text of at most \(Self.maxBytes) bytes")
        }
        try self.init(text: text, path: path)
        var status = stat()
        guard stat(path, &status) == 0, let others = LogReports.users(ofMode: Int(status.st_mode & 0o777)) else {
            return
        }
        warning = "\(path) has secrets and is open to \(others); chmod 600 makes it private"
    }

    /// - Parameters:
    ///   - text: the content of a file.
    ///   - path: the file's name, for errors.
    init(text: String, path: String) throws(InvalidError) {
        self.text = text
        keys = try Self.parse(text, path)
    }

    private static func parse(_ text: String, _ path: String) throws(InvalidError) -> [TokenKey] {
        var keys: [TokenKey] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let line = trimmed(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let place = "\(path):\(index + 1)"
            // The secret is in no message.
            guard let key = try key(line, place) else {
                throw InvalidError(description: "\(place): the secret has fewer than \(TokenKey.minSecret) bytes")
            }
            if let id = key.id, keys.contains(where: { $0.id == id }) {
                throw InvalidError(description: "\(place): the name \(id) occurs twice")
            }
            keys.append(key)
        }
        guard (1...maxKeys).contains(keys.count) else {
            throw InvalidError(description: "\(path) has \(keys.count) keys and not 1 to \(maxKeys)")
        }
        return keys
    }

    private static func key(_ line: Substring, _ place: String) throws(InvalidError) -> TokenKey? {
        var id: String?
        var secret = line
        // A secret may contain = too, so only blanks around it separate a name.
        if let separator = line.firstRange(of: " = ") {
            id = String(trimmed(line[..<separator.lowerBound]))
            secret = trimmed(line[separator.upperBound...])
        }
        guard secret.hasPrefix("base64:") else { return TokenKey(id: id, secret: Array(secret.utf8)) }
        guard let bytes = Base64.decode(Array(secret.utf8.dropFirst("base64:".utf8.count))) else {
            throw InvalidError(description: "\(place): the secret is not base64")
        }
        return TokenKey(id: id, secret: bytes)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return text
    }
}
