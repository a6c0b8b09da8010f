/// Selects the names of a script that can be replaced everywhere, and their replacements.
///
/// Two kinds of names can be replaced:
///
/// - words that begin with an underscore, with which the script marks private properties, and
/// - words that are always variables: declared somewhere, and never in the place of a property's name.
///
/// Replacing all occurrences of a word by an unused word keeps the meaning in every scope. A word stays if any of its
/// occurrences may be either a variable or a property.
struct ScriptNames {
    private var counts: [String: Int] = [:]
    private var declared: Set<String> = []
    private var properties: Set<String> = []

    private struct Bracket {
        let opening: String
        /// True if the words in the bracket may be parameters.
        let mayDeclare: Bool
        var parameters: [String] = []
    }

    /// - Parameter tokens: the tokens of a script, without spaces and comments.
    init(_ tokens: [ScriptToken]) {
        var brackets: [Bracket] = []
        for (index, token) in tokens.enumerated() {
            let near = { (offset: Int) in
                tokens.indices.contains(index + offset) ? tokens[index + offset].text : ""
            }
            switch token.kind {
            case .word:
                counts[token.text, default: 0] += 1
                look(at: token.text, near, &brackets)
            case .punctuation where "([{".contains(token.text):
                let isCondition = ["if", "while", "switch", "for"].contains(near(-1))
                brackets.append(Bracket(opening: token.text, mayDeclare: !isCondition))
            case .punctuation where ")]}".contains(token.text):
                guard let bracket = brackets.popLast() else { break }
                let isParameterList = near(1) == "{" || near(1) == "=" && near(2) == ">"
                if isParameterList, bracket.mayDeclare { declared.formUnion(bracket.parameters) }
            case .template:
                if token.text.hasPrefix("}") { _ = brackets.popLast() }
                if token.text.hasSuffix("${") { brackets.append(Bracket(opening: "${", mayDeclare: false)) }
            default: break
            }
        }
    }

    private mutating func look(at word: String, _ near: (Int) -> String, _ brackets: inout [Bracket]) {
        let (previous, next) = (near(-1), near(1))
        let isSpread = previous == "." && near(-2) == "."
        let isInBraces = brackets.last?.opening ?? "{" == "{"
        let isMember = previous == "." && !isSpread
        let isKey = isInBraces && ["{", ","].contains(previous) && [":", ",", "}", "="].contains(next)
        let isMethod =
            isInBraces && next == "(" && ["", "{", "}", ";", ",", "get", "set", "async", "static"].contains(previous)
        if isMember || isKey || isMethod { properties.insert(word) }

        let isArrowParameter = next == "=" && near(2) == ">"
        if ["const", "let", "class", "function"].contains(previous) || isArrowParameter { declared.insert(word) }
        if let last = brackets.indices.last, brackets[last].opening == "(", isSpread || ["(", ","].contains(previous),
            [",", ")", "="].contains(next)
        {
            brackets[last].parameters.append(word)
        }
    }

    /// The replacements. The most frequent names get the shortest ones.
    func replacements(keeping kept: Set<String>) -> [String: String] {
        let replaced = counts.filter { name, _ in
            !kept.contains(name) && name.utf8.count > 1
                && (name.hasPrefix("_") || declared.contains(name) && !properties.contains(name))
        }
        let ranked = replaced.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let taken = Set(counts.keys).subtracting(replaced.keys).union(["as", "do", "if", "in", "of"])
        var shortNames = (0...).lazy.map(Self.shortName).filter { !taken.contains($0) }.makeIterator()
        var replacements: [String: String] = [:]
        for (name, _) in ranked { replacements[name] = shortNames.next() }
        return replacements
    }

    /// `a` to `Z`, then `aa`, `ab` …
    private static func shortName(_ number: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let last = String(letters[number % letters.count])
        return number < letters.count ? last : shortName(number / letters.count - 1) + last
    }
}
