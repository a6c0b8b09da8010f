import Foundation

/// Phrases that readers had to read twice, in comments, documents, messages and names.
enum Wording {
    /// Each is a regular expression that does not match itself.
    private static let phrases = [
        #"\bwhoever\s+(?=[a-z])"#, #"\bwhom\s+the\b"#, #"\bhears?d?\s+out\b"#, #"hear[O]ut"#, #"\bfrom\s+here\s+on\b"#,
        #"\bwaited\s+for\s+no\s+longer\b"#, #"\bof\s+before\b(?!\s+(a|an|the|it|that|they|we)\b)"#,
        #"\bnobody\s+orders\b"#, #"\bat\s+the\s+door\b"#, #"\bmends\s+(it|them|this)\b"#,
        #"\bnot\s+listened\s+to\b"#, #"\bmessages\s+of\s+its\b"#, #"\b(goes?|went|going)\s+on\s+with\b"#,
        #"\bfrom\s+so\s+many\b"#, #"\bas\s+long\s+as\s+any\b"#, #"\bputs?\s+out\b"#, #"\bfor\s+nobody\b"#,
        #"\b(it|they)\s+(is|are)\s+told\b"#, #"\bmust\s+not\s+be\s+waited\b"#, #"\bthe\s+way\s+on\b"#,
    ]

    /// The words of a file that match a phrase, also when a comment breaks it into two lines.
    static func oddPhrases(in file: SourceFile) -> [String] {
        var text = ""
        var starts: [Int] = []
        for line in file.lines {
            starts.append(text.utf16.count)
            text += line.drop { $0 == " " || $0 == "/" || $0 == "#" || $0 == "*" } + "\n"
        }
        let all = NSRange(location: 0, length: text.utf16.count)
        return expression.matches(in: text, range: all).map { match in
            let line = (starts.firstIndex { $0 > match.range.location } ?? starts.count) - 1
            let words = Range(match.range, in: text).map { text[$0].replacing("\n", with: " ") } ?? ""
            return "\(file.place(line)): \(words)"
        }
    }

    private static let expression = makeExpression()

    private static func makeExpression() -> NSRegularExpression {
        do {
            return try NSRegularExpression(
                pattern: phrases.joined(separator: "|"), options: [.caseInsensitive])
        } catch {
            preconditionFailure("a phrase is no regular expression: \(error)")
        }
    }
}
