import Glibc
import Persistence

/// The format of a log line.
enum LogLine {
    /// The size at which a longer line is truncated, in bytes. With the end of the line it is less than `PIPE_BUF`
    /// (4096), so that the lines of several processes on one pipe never mix.
    static let maxBytes = 4000

    /// A point in time in the form `2026-01-31T23:59:59Z`.
    static func timestamp(_ seconds: time_t) -> String {
        UTCTime.text(Int64(seconds))
    }

    /// The text as one line. Input from a client or a file name must not start a new line or send terminal commands.
    static func printable(_ text: String) -> String {
        let line = cut(text)
        guard line.unicodeScalars.contains(where: isControl) else { return line }
        var escaped = ""
        for scalar in line.unicodeScalars {
            if isControl(scalar) {
                escaped += scalar.escaped(asASCII: true)
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return cut(escaped)
    }

    /// The text as one word of a line: in quotation marks if it has a space, a character that cannot be seen, a
    /// quotation mark or a backslash, or if it is empty or `-`, which stands for nothing. So it cannot look like
    /// several words.
    static func word(_ text: String) -> String {
        guard ["", "-"].contains(text) || text.unicodeScalars.contains(where: needsQuotes) else { return cut(text) }
        var quoted = "\""
        for scalar in cut(text).unicodeScalars {
            if isControl(scalar) {
                quoted += scalar.escaped(asASCII: true)
            } else {
                if isQuoteOrBackslash(scalar) { quoted += "\\" }
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        isControl(scalar) || isQuoteOrBackslash(scalar) || scalar.properties.isWhitespace
            || scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isQuoteOrBackslash(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "\\"
    }

    /// A text of at most this size in bytes, and a mark if it was longer.
    static func cut(_ text: String, to size: Int = maxBytes) -> String {
        guard text.utf8.count > size else { return text }
        return String(decoding: text.utf8.prefix(size), as: UTF8.self) + "…"
    }

    /// True for characters that must not be in a log.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: scalar.properties.isBidiControl
        }
    }
}
