/// Reads the parts of a date in ISO 8601 from left to right.
struct ISO8601Reader {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }

    /// Reads one of these ASCII characters. Returns false if the next character is another one.
    mutating func take(_ characters: StaticString) -> Bool {
        guard position < text.count, characters.description.utf8.contains(text[position]) else { return false }
        position += 1
        return true
    }

    /// Reads a year of four digits, or of six digits after a sign.
    mutating func year() -> Int? {
        let isNegative = position < text.count && text[position] == UInt8(ascii: "-")
        guard take("+-") else { return number(4, in: 0...9999) }
        return number(6, in: 0...999_999).map { isNegative ? -$0 : $0 }
    }

    /// Reads a number of exactly this many digits.
    mutating func number(_ count: Int, in range: ClosedRange<Int>) -> Int? {
        guard text.count - position >= count else { return nil }
        var value = 0
        for byte in text[position..<position + count] {
            guard let digit = Self.digit(byte) else { return nil }
            value = value * 10 + digit
        }
        position += count
        return range.contains(value) ? value : nil
    }

    /// Reads the fraction of a second. Returns 0 without one, and nil for a point without digits.
    mutating func fraction() -> Double? {
        guard take(".,") else { return 0 }
        let start = position
        while position < text.count, Self.digit(text[position]) != nil { position += 1 }
        guard position > start else { return nil }
        return Double("0." + String(decoding: text[start..<position], as: UTF8.self))
    }

    /// Reads `Z`, `+hh`, `+hhmm` or `+hh:mm`.
    mutating func offsetInMinutes() -> Int? {
        if take("Zz") { return 0 }
        let isNegative = position < text.count && text[position] == UInt8(ascii: "-")
        guard take("+-"), let hours = number(2, in: 0...23) else { return nil }
        var minutes = 0
        if !isAtEnd {
            _ = take(":")
            guard let value = number(2, in: 0...59) else { return nil }
            minutes = value
        }
        return (isNegative ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int(digit) : nil
    }
}
