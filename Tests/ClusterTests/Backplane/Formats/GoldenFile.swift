import Foundation
import Testing

/// A file of messages in the form that the comment at its beginning explains.
struct GoldenFile {
    /// The lines of each message, by its name.
    private var messages: [String: [Substring]] = [:]
    private let name: String

    init(_ name: String) throws {
        self.name = name
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        var current: String?
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("== ") {
                current = String(line.dropFirst(3))
            } else if let current {
                messages[current, default: []].append(line)
            }
        }
    }

    var names: Set<String> { Set(messages.keys) }

    private func lines(of message: String) throws -> [Substring] {
        try #require(messages[message], "no message \(message) in \(name)")
    }

    /// The bytes of a message: hexadecimal numbers between `<` and `>`, and all other text as it is.
    func bytes(of message: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for part in try lines(of: message).joined().split(separator: "<", omittingEmptySubsequences: false) {
            guard let end = part.firstIndex(of: ">") else {
                bytes += part.utf8
                continue
            }
            bytes += part[..<end].split(separator: " ").compactMap { UInt8($0, radix: 16) }
            bytes += part[part.index(after: end)...].utf8
        }
        return bytes
    }

    /// The fields of an entry: names and values in turn.
    func fields(of message: String) throws -> [[UInt8]] {
        try lines(of: message).flatMap { line in
            let mark = try #require(line.firstIndex(of: "="))
            return [Array(line[..<mark].utf8), Array(line[line.index(after: mark)...].utf8)]
        }
    }

    /// All messages as bytes.
    func all() throws -> [[UInt8]] { try names.sorted().map(bytes) }
}
