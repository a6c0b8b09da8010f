/// Minifies a script without parsing it: removes comments and insignificant white space, and shortens names.
///
/// It works on the tokens of JavaScript and uses almost no grammar:
///
/// - Strings, templates and regular expressions do not change, except strings that name a private property.
/// - Line ends stay, unless a neighbouring token shows that the statement continues.
/// - The last comma of a list and the last semicolon of a block are removed.
/// - ``ScriptNames`` selects the names to replace.
/// - Keywords are replaced by shorter ones with the same meaning in a correct script.
enum ScriptMinimizer {
    /// - Parameters:
    ///   - script: a script whose statements end in semicolons.
    ///   - kept: names that must stay: the script's exports, and protocol words that look private.
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

    /// A shorter form of a keyword, unless the word may be a property's name here.
    private static func shorter(
        _ word: String, after previous: ScriptToken, before rest: ArraySlice<ScriptToken>
    ) -> String {
        let next = rest.first { $0.kind != .space }?.text ?? ""
        guard previous.text != ".", ![":", "("].contains(next) else { return word }
        return shorterWords[word] ?? word
    }

    /// The separator that two tokens need.
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

    /// True for a comma or semicolon before a closing bracket. A semicolon after a parenthesis stays, because it may be
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
