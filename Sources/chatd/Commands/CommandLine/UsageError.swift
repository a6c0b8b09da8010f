/// An invalid command line; the description is for the user.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String
    /// The option whose value is wrong; nil for other errors.
    var option: String?
    /// The other options that the error is about. If one of them is wrong, this error is only a consequence.
    var others: [String] = []

    /// An unknown word, with a suggestion if there is one.
    static func unknown(
        _ thing: String, nearest word: String, among candidates: [String], spelled: (String) -> String = { $0 }
    ) -> UsageError {
        let meant = Suggestion.nearest(to: word, among: candidates).map { " (did you mean \(spelled($0))?)" } ?? ""
        return UsageError(description: "unknown \(thing)\(meant)")
    }

    /// A word in the place of an option.
    static func unexpected(_ word: String, _ options: [CommandOption]) -> UsageError {
        let error = UsageError(description: "unexpected argument \"\(Secrets.masked(word))\"")
        if word.hasPrefix("-") {
            let name = String(word.dropFirst().prefix { $0 != "=" })
            let meant =
                options.first { $0.name == name || name.count == 1 && $0.name.hasPrefix(name) }?.name
                ?? Suggestion.nearest(to: name, among: options.map(\.name))
            return meant.map { UsageError(description: "\(error) (did you mean --\($0)?)") } ?? error
        }
        if UInt16(word) != nil, options.contains(where: { $0.name == "port" }) {
            return UsageError(description: "\(error) (did you mean --port \(word)?)")
        }
        return error
    }
}
