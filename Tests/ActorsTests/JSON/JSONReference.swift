/// A simple recursive validator for the grammar of RFC 8259, as the reference for the scanner.
struct JSONReference {
    private let text: [UInt8]
    private var position = 0

    static func accepts(_ text: [UInt8]) -> Bool {
        var reference = JSONReference(text: text)
        guard reference.element() else { return false }
        return reference.position == text.count
    }

    private init(text: [UInt8]) {
        self.text = text
    }

    private var current: Character? {
        position < text.count ? Character(Unicode.Scalar(text[position])) : nil
    }

    private mutating func take(_ characters: String) -> Bool {
        guard let current, characters.contains(current) else { return false }
        position += 1
        return true
    }

    private mutating func whitespace() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    private mutating func element() -> Bool {
        whitespace()
        guard value() else { return false }
        whitespace()
        return true
    }

    private mutating func value() -> Bool {
        switch current {
        case "{": list(closedBy: "}") { $0.member() }
        case "[": list(closedBy: "]") { $0.element() }
        case "\"": string()
        case "t": word("true")
        case "f": word("false")
        case "n": word("null")
        default: number()
        }
    }

    private mutating func list(closedBy closer: String, _ item: (inout JSONReference) -> Bool) -> Bool {
        position += 1
        whitespace()
        if take(closer) { return true }
        repeat {
            guard item(&self) else { return false }
        } while take(",")
        return take(closer)
    }

    private mutating func member() -> Bool {
        whitespace()
        guard string() else { return false }
        whitespace()
        return take(":") && element()
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while position < text.count {
            if take("\"") { return true }
            if take("\\") {
                if take("u") {
                    for _ in 0..<4 where !take("0123456789abcdefABCDEF") { return false }
                } else if !take("\"\\/bfnrt") {
                    return false
                }
            } else {
                guard text[position] >= 0x20 else { return false }
                position += 1
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") { guard digits() else { return false } }
        if take(".") { guard digits() else { return false } }
        if take("eE") {
            _ = take("+-")
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        guard take("0123456789") else { return false }
        while take("0123456789") {}
        return true
    }

    private mutating func word(_ word: String) -> Bool {
        word.allSatisfy { take(String($0)) }
    }
}
