/// A piece of a script.
struct ScriptToken: Equatable {
    enum Kind {
        case space, comment, string, word, punctuation
        /// A regular expression without its flags.
        case pattern
        /// A part of a template literal: from a backtick or the `}` of a substitution to the next `${` or backtick,
        /// delimiters included.
        case template
    }

    let kind: Kind
    let text: String
}

/// The tokens of a script. Joined, they are the script.
struct ScriptTokens: Sequence, IteratorProtocol {
    private var rest: Substring.UTF8View
    /// True if a slash would begin a regular expression, because no value ends before it.
    private var isValueExpected = true
    /// The number of open braces in each open substitution.
    private var substitutions: [Int] = []

    init(_ script: String) {
        rest = Substring(script).utf8
    }

    mutating func next() -> ScriptToken? {
        guard let first = rest.first else { return nil }
        let (kind, length) = measure(first)
        let text = String(Substring(rest.prefix(length)))
        rest = rest.dropFirst(length)
        switch kind {
        case .space, .comment: break
        case .word: isValueExpected = ["return", "typeof", "case", "in", "of"].contains(text)
        case .punctuation: isValueExpected = !")]}".contains(text)
        case .template: isValueExpected = text.hasSuffix("${")
        case .string, .pattern: isValueExpected = false
        }
        trackSubstitutions(kind, text)
        return ScriptToken(kind: kind, text: text)
    }

    /// Tracks the end of each substitution.
    private mutating func trackSubstitutions(_ kind: ScriptToken.Kind, _ text: String) {
        switch (kind, text) {
        case (.template, _):
            if text.hasPrefix("}") { substitutions.removeLast() }
            if text.hasSuffix("${") { substitutions.append(0) }
        case (.punctuation, "{") where !substitutions.isEmpty: substitutions[substitutions.count - 1] += 1
        case (.punctuation, "}") where !substitutions.isEmpty: substitutions[substitutions.count - 1] -= 1
        default: break
        }
    }

    /// The kind of the next token and its length in bytes.
    private func measure(_ first: UInt8) -> (ScriptToken.Kind, Int) {
        switch first {
        case _ where Self.isSpace(first): (.space, rest.prefix(while: Self.isSpace).count)
        case _ where Self.isWordCharacter(first): (.word, rest.prefix(while: Self.isWordCharacter).count)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): (.string, length { byte, _ in byte == first })
        case UInt8(ascii: "`"): (.template, templateLength)
        case UInt8(ascii: "}") where substitutions.last == 0: (.template, templateLength)
        case UInt8(ascii: "/") where rest.starts(with: "//".utf8):
            (.comment, rest.prefix { $0 != UInt8(ascii: "\n") }.count)
        case UInt8(ascii: "/") where rest.starts(with: "/*".utf8): (.comment, commentLength)
        case UInt8(ascii: "/") where isValueExpected: (.pattern, patternLength)
        default: (.punctuation, 1)
        }
    }

    /// The length of a literal. `isEnd` is called for each byte that is not escaped by a backslash.
    private func length(until isEnd: (_ byte: UInt8, _ previous: UInt8) -> Bool) -> Int {
        var previous: UInt8 = 0
        for (index, byte) in rest.enumerated().dropFirst() {
            if previous == UInt8(ascii: "\\") {
                previous = 0
                continue
            }
            if isEnd(byte, previous) { return index + 1 }
            previous = byte
        }
        return rest.count
    }

    private var templateLength: Int {
        length { byte, previous in
            byte == UInt8(ascii: "`") || byte == UInt8(ascii: "{") && previous == UInt8(ascii: "$")
        }
    }

    /// A slash in brackets does not end a regular expression.
    private var patternLength: Int {
        var isInBrackets = false
        return length { byte, _ in
            if byte == UInt8(ascii: "[") { isInBrackets = true }
            if byte == UInt8(ascii: "]") { isInBrackets = false }
            return byte == UInt8(ascii: "/") && !isInBrackets
        }
    }

    private var commentLength: Int {
        var previous: UInt8 = 0
        for (index, byte) in rest.enumerated().dropFirst(2) {
            if previous == UInt8(ascii: "*"), byte == UInt8(ascii: "/") { return index + 1 }
            previous = byte
        }
        return rest.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
            || byte == UInt8(ascii: "\r")
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }
}
