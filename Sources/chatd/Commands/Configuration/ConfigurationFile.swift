/// A configuration file: lines with the name and the value of an option.
///
/// ```
/// # The database
/// db = /var/lib/chatd/chat.db
/// allowed-hosts = chat.example, *.chat.example
/// ```
///
/// A key is the name of an option of `serve` or `supervise`, without dashes. The value is the rest of the line without
/// the blanks around it. A value in double or single quotes is what is between them, so that it may begin or end with a
/// blank, or contain ` #`. There are no escape sequences. A comment has a line of its own, which begins with `#`.
struct ConfigurationFile {
    /// The value of a key.
    struct Entry: Equatable {
        let value: String
        /// The number of the line, counted from 1.
        let line: Int
    }

    /// The largest file, in bytes.
    static let maxBytes = 256 << 10

    /// The option that names the file. It is not a key.
    static let option = CommandOption(
        name: "config", value: "FILE", defaultValue: "",
        help: "A file with lines NAME = VALUE for the options below and those of supervise, without dashes; # begins "
            + "a line of comment. The command line, and variables that are not empty, override it. supervise reads it "
            + "again on SIGHUP.",
        needsRestart: true)

    /// The path, as the user has written it.
    let name: String
    private(set) var entries: [String: Entry] = [:]
    /// Every mistake, in the order of the lines.
    private(set) var problems: [UsageError] = []
    /// The permission bits of the file; nil if it was not read from a file.
    var mode: Int?

    /// Reads the text of a file. Lines with mistakes become ``problems``.
    /// - Parameter keys: the names of the options.
    init(_ bytes: [UInt8], name: String, keys: [String]) {
        self.name = name
        var rest = bytes[...]
        // Editors of other systems begin a file with this mark.
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        for (index, line) in rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            do {
                try read(line, number: index + 1, keys)
            } catch {
                problems.append(UsageError(description: "\(name):\(index + 1): \(error)", option: error.option))
            }
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, number: Int, _ keys: [String]) throws(UsageError) {
        let line = Self.trimmed(bytes)
        guard let first = line.first, first != UInt8(ascii: "#") else { return }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
            throw UsageError(description: "the line has a control character")
        }
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
            throw UsageError(description: "the line is not NAME = VALUE: it has no equals sign")
        }
        let key = String(decoding: Self.trimmed(line[..<equals]), as: UTF8.self)
        guard keys.contains(key) else { throw ConfigurationKey.unknown(key, keys) }
        if let earlier = entries[key] {
            throw UsageError(description: "\(key) is set twice: first in line \(earlier.line)")
        }
        entries[key] = Entry(value: try Self.value(Self.trimmed(line[line.index(after: equals)...]), key), line: number)
    }

    private static func value(_ bytes: ArraySlice<UInt8>, _ key: String) throws(UsageError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UsageError(description: "\(key): the value is not UTF-8 text", option: key)
        }
        if let quote = text.first, quote == "\"" || quote == "'" {
            guard text.count > 1, text.last == quote else {
                throw UsageError(description: "\(key): the quote at the beginning has none at the end", option: key)
            }
            return String(text.dropFirst().dropLast())
        }
        guard !text.contains(" #"), !text.contains("\t#") else {
            throw UsageError(
                description: "\(key): a comment needs a line of its own; if # is a part of the value, quote the value",
                option: key)
        }
        return text
    }

    /// Removes blanks at both ends, and the carriage return of other systems.
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks = Array(" \t\r".utf8)
        guard let first = bytes.firstIndex(where: { !blanks.contains($0) }),
            let last = bytes.lastIndex(where: { !blanks.contains($0) })
        else { return [] }
        return bytes[first...last]
    }
}
