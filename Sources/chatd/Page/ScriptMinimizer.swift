/// Makes a script smaller without understanding it: no comments, no white space that means nothing, short names.
///
/// It knows the tokens of JavaScript and hardly anything of its grammar, and does nothing that needs more:
///
/// - Strings, templates' texts and regular expressions stay as they are, except for strings that name a private property.
/// - A line ends where it did before, unless what stands before or after its end shows that the statement goes on.
/// - The last comma of a list and the last semicolon of a block go.
/// - Names are replaced as ``ScriptNames`` says.
/// - Words of the language are replaced by shorter ones that mean the same in a script that works.
enum ScriptMinimizer {
    /// - Parameters:
    ///   - script: a script whose statements end in semicolons.
    ///   - kept: names that others know: what the script exports, and words of a protocol that look private.
    static func minimized(_ script: String, keeping kept: Set<String>) -> String {
        let all = ScriptTokens(script).filter { $0.kind != .comment }
        let names = ScriptNames(all.filter { $0.kind != .space })
            .replacements(keeping: kept.union(shorterWords.keys))
        var output = ""
        var previous = ScriptToken(kind: .punctuation, text: ";")
        var gap = ""
        for (index, token) in all.enumerated() {
            switch token.kind {
            case .space:
                gap += token.text
                continue
            case .punctuation where isSuperfluous(token.text, after: previous, before: all[(index + 1)...]):
                continue
            case .word:
                let word = names[token.text] ?? shorter(token.text, after: previous, before: all[(index + 1)...])
                output += separator(previous, token, gap) + word
            case .string: output += separator(previous, token, gap) + renamed(token.text, names)
            default: output += separator(previous, token, gap) + token.text
            }
            previous = token
            gap = ""
        }
        return output + "\n"
    }

    private static let shorterWords = ["const": "let", "true": "!0", "false": "!1"]

    /// A word of the language in fewer characters, unless it stands where a property may be named.
    private static func shorter(
        _ word: String, after previous: ScriptToken, before rest: ArraySlice<ScriptToken>
    ) -> String {
        let next = rest.first { $0.kind != .space }?.text ?? ""
        guard previous.text != ".", ![":", "("].contains(next) else { return word }
        return shorterWords[word] ?? word
    }

    /// What must stand between two tokens.
    private static func separator(_ left: ScriptToken, _ right: ScriptToken, _ gap: String) -> String {
        let isLineEnd = gap.contains("\n")
        if left.kind == .word, right.kind == .word { return isLineEnd ? "\n" : " " }
        if isLineEnd {
            let goesOn =
                left.kind == .punctuation && "{([,;=*<>&|?:.".contains(left.text)
                || right.kind == .punctuation && "}]),;=*<>&|?:.".contains(right.text)
            return goesOn ? "" : "\n"
        }
        return left.text == right.text && "+-".contains(left.text) && !gap.isEmpty ? " " : ""
    }

    /// A comma or semicolon before the bracket that ends everything. The semicolon stays after a parenthesis, where it may be
    /// an empty statement.
    private static func isSuperfluous(
        _ mark: String, after previous: ScriptToken, before rest: ArraySlice<ScriptToken>
    ) -> Bool {
        guard let next = rest.first(where: { $0.kind != .space }), next.kind == .punctuation else { return false }
        return mark == "," && "}])".contains(next.text) && ![",", "["].contains(previous.text)
            || mark == ";" && next.text == "}" && ![")", "else", "do"].contains(previous.text)
    }

    private static func renamed(_ string: String, _ names: [String: String]) -> String {
        let content = String(string.dropFirst().dropLast())
        guard content.hasPrefix("_"), let name = names[content] else { return string }
        return "\"\(name)\""
    }
}
