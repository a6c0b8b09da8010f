/// Names that Swift files declare and use.
struct Declarations {
    struct Declaration {
        let name: Substring
        let place: String
        /// Users of the library may need it.
        let isPublic: Bool
        /// Such as one of the status codes of a protocol, of which the server uses some.
        let isPublicConstant: Bool
    }

    /// Names that the compiler uses.
    private static let implicit: Set<Substring> = ["callAsFunction"]
    private static let keywords: Set<Substring> = [
        "func", "var", "let", "struct", "class", "enum", "actor", "protocol", "typealias", "case",
    ]

    private var uses: [Substring: Int] = [:]
    private var usesOutsideTests: [Substring: Int] = [:]
    private var all: [Declaration] = []

    init(of files: [SourceFile]) {
        for file in files { add(file) }
    }

    private mutating func add(_ file: SourceFile) {
        // The simulation drives the loops that it runs.
        let isSimulation = file.path.hasPrefix("Tests/Simulation/") && !file.path.contains("/WorldTests/")
        let isTest = file.path.hasPrefix("Tests/") && !isSimulation
        for (index, line) in file.lines.enumerated() {
            let code = Self.code(of: line)
            let words = Self.identifiers(in: code)
            for word in words {
                uses[word, default: 0] += 1
                if !isTest { usesOutsideTests[word, default: 0] += 1 }
            }
            guard !isTest else { continue }
            for (keyword, name) in zip(words, words.dropFirst()) where Self.keywords.contains(keyword) {
                guard !Self.implicit.contains(name), keyword != "case" || Self.isCaseDeclaration(words, code) else {
                    continue
                }
                let isPublic = words.contains("public")
                all.append(
                    Declaration(
                        name: name, place: file.place(index), isPublic: isPublic,
                        isPublicConstant: isPublic && words.contains("static") && keyword == "let"))
            }
        }
    }

    /// What nothing uses, and what only tests use.
    var unused: [String] {
        all.compactMap { declaration in
            if uses[declaration.name] == 1, !declaration.isPublicConstant {
                return "\(declaration.place): nothing uses \(declaration.name)"
            }
            guard !declaration.isPublic, usesOutsideTests[declaration.name] == 1 else { return nil }
            return "\(declaration.place): only tests use \(declaration.name)"
        }
    }

    /// Whether a line declares a case, and is no pattern of a `switch`. A case with a raw value may come from outside.
    private static func isCaseDeclaration(_ words: [Substring], _ code: Substring) -> Bool {
        words.first == "case" && !code.contains(":") && !code.contains(" .") && !code.contains("=")
    }

    /// A line without its comment. Quotation marks are not looked at: a name within a string counts as used.
    private static func code(of line: Substring) -> Substring {
        var last: Character?
        for index in line.indices {
            if line[index] == "/", last == "/" { return line[..<line.index(before: index)] }
            last = line[index]
        }
        return line
    }

    private static func identifiers(in code: Substring) -> [Substring] {
        code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter { $0.first?.isNumber == false && $0 != "_" }
    }
}
