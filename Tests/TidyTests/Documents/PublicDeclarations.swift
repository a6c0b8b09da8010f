/// The public declarations of the sources, by name: `Socket`, `Socket.join`, `SocketServer.Status.sessions`. They are
/// found by the indentation that `swift format` makes, without parsing.
struct PublicDeclarations {
    private struct Enclosing {
        let name: String
        let keyword: Substring
        /// True for a public type, and for an extension, whose members say themselves whether they are public.
        let isVisible: Bool
    }

    private static let types: Set<Substring> = ["actor", "class", "enum", "extension", "protocol", "struct"]
    private static let members: Set<Substring> = ["case", "func", "let", "typealias", "var"]

    private(set) var names: Set<String> = []

    init(of files: [SourceFile]) {
        for file in files where file.isSwift && file.path.hasPrefix("Sources/") { add(file) }
    }

    private mutating func add(_ file: SourceFile) {
        // The types that enclose the current line, from the outside in.
        var enclosing: [Enclosing] = []
        for line in file.lines {
            let depth = line.prefix { $0 == " " }.count / 4
            let words = line.split(separator: " ")
            guard let first = words.first, !first.hasPrefix("//"), depth <= enclosing.count else { continue }
            enclosing.removeSubrange(depth...)
            guard !first.hasPrefix("}") else { continue }
            let isPublic = words.contains("public") || Self.isImplicitlyPublic(words, in: enclosing.last)
            let isVisible = enclosing.allSatisfy(\.isVisible)
            let prefix = enclosing.map { $0.name + "." }.joined()
            if let keyword = words.firstIndex(where: Self.types.contains), keyword + 1 < words.count {
                let name = Self.name(words[keyword + 1])
                let isExtension = words[keyword] == "extension"
                if !isExtension, isPublic, isVisible { names.insert(prefix + name) }
                enclosing.append(
                    Enclosing(name: name, keyword: words[keyword], isVisible: isExtension || isPublic && isVisible))
            } else if isPublic, isVisible {
                for name in Self.memberNames(words) { names.insert(prefix + name) }
            }
        }
    }

    /// True for the cases of an enumeration and the requirements of a protocol.
    private static func isImplicitlyPublic(_ words: [Substring], in type: Enclosing?) -> Bool {
        type?.keyword == "protocol" || type?.keyword == "enum" && words.first == "case"
    }

    /// The names that a line declares: several for `case a, b`.
    private static func memberNames(_ words: [Substring]) -> [String] {
        for keyword in ["init", "subscript"] where words.contains(where: { name($0) == keyword }) { return [keyword] }
        guard let keyword = words.firstIndex(where: members.contains), keyword + 1 < words.count else { return [] }
        guard words[keyword] == "case" else { return [name(words[keyword + 1])] }
        return words[(keyword + 1)...].joined(separator: " ").split(separator: ",").map { name($0.drop { $0 == " " }) }
    }

    /// The name at the start of a word.
    private static func name(_ text: Substring) -> String {
        String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." })
    }
}
