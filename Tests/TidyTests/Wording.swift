import Foundation

/// Finds phrases that readers had to read twice, in comments, documents, messages and names.
enum Wording {
    /// Regular expressions that do not match themselves. Each match starts at a word boundary.
    private static let phrases = [
        #"whoever\s+(?=[a-z])"#, #"whom\s+the\b"#, #"hears?d?\s+out\b"#, #"\w*hear[O]ut"#, #"from\s+here\s+on\b"#,
        #"waited\s+for\s+no\s+longer\b"#, #"of\s+before\b(?!\s+(a|an|the|it|that|they|we)\b)"#,
        #"nobody\s+orders\b"#, #"at\s+the\s+door\b"#, #"mends\s+(it|them|this)\b"#,
        #"not\s+listened\s+to\b"#, #"messages\s+of\s+its\s+are\b"#, #"(goes?|went|going)\s+on\s+with\b"#,
        #"from\s+so\s+many\b"#, #"as\s+long\s+as\s+any\b"#, #"puts?\s+out\b"#, #"for\s+nobody\b"#,
        #"(it|they)\s+(is|are)\s+told\b"#, #"must\s+not\s+be\s+waited\b"#, #"the\s+way\s+on\b"#,
        #"turn\s+at\s+hand\b"#, #"turn\s+after\s+turn\b"#, #"(behind|inside\s+of)\s+(a|the|this)\s+turn\b"#,
        #"(came|comes?|coming)\s+to\s+rest\b"#, #"comes\s+to\s+its\s+end\b"#, #"one\s+step\s+on(?=[.,;:])"#,
        #"(has|have|had)\s+not\s+got\b"#, #"(is|are|be|not)\s+let\s+in(to)?\b"#, #"has\s+its\s+turn\b"#,
        #"(take|takes|took)\s+(its|their)\s+time\b"#, #"before\s+its\s+time\b"#, #"go(es)?\s+over\s+to\b"#,
        #"finds?\s+out\s+by\s+(itself|themselves)\b"#, #"gives?\s+the\s+kernel\b"#, #"hears?\s+nothing\b"#,
        #"data\s+that\s+is\s+none\b"#, #"and\s+nothing\s+went\b"#, #"brings?\s+(one|some|something)\s+of\b"#,
        #"so\s+(much|many)\s+(is|are)\s+not\b"#, #"after\s+how\s+many\b"#, #"is\s+met\s+often\b"#,
        #"reach(es)?\s+so\s+far\b"#, #"somebody\s+(wants|reads)\b"#, #"what\s+(is|was)\s+awaited\b"#,
        #"(both\s+sides\s+are|neither\s+is)\s+told\b"#, #"nobody\s+(here|there)\b"#,
    ]

    /// The matches of a phrase in a file, also across the lines of a comment.
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
                pattern: #"\b(?:"# + phrases.joined(separator: "|") + ")", options: [.caseInsensitive])
        } catch {
            preconditionFailure("invalid regular expression: \(error)")
        }
    }
}
