/// Names that Swift files declare and use.
struct Declarations {
    private struct Declaration {
        let name: Substring
        let place: String
        /// True if the declaration is in the product. One in the simulation may be used by tests alone.
        let isSource: Bool
        /// True for a public declaration, which users of the library may need.
        let isPublic: Bool
        /// True for a static constant, such as a status code. The server need not use every code of a protocol.
        let isConstant: Bool
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
        // The guide shows these parts of programs; nothing runs them.
        let isShown = file.path.hasPrefix("Examples/Guide/")
        let usesAllCases = file.lines.contains { $0.contains("CaseIterable") }
        for (index, line) in file.lines.enumerated() {
            let code = Self.code(of: line)
            for word in Self.identifiers(in: code) {
                uses[word, default: 0] += 1
                if !isTest { usesOutsideTests[word, default: 0] += 1 }
            }
            guard !isTest, !isShown else { continue }
            let words = code.split(separator: " ")
            for (keyword, rest) in zip(words, words.dropFirst()) where Self.keywords.contains(keyword) {
                guard let name = Self.identifiers(in: rest).first, !Self.implicit.contains(name) else { continue }
                if keyword == "case", usesAllCases || !Self.isCaseDeclaration(words, code) { continue }
                all.append(
                    Declaration(
                        name: name, place: file.place(index), isSource: !isSimulation,
                        isPublic: words.contains("public"), isConstant: words.contains("static") && keyword == "let"))
            }
        }
    }

    /// Declarations that nothing uses, or only tests.
    var unused: [String] {
        all.compactMap { declaration in
            let isConstant = declaration.isPublic && declaration.isConstant
            if uses[declaration.name] == 1, !isConstant {
                return "\(declaration.place): nothing uses \(declaration.name)"
            }
            guard declaration.isSource, !declaration.isPublic, usesOutsideTests[declaration.name] == 1 else {
                return nil
            }
            return "\(declaration.place): only tests use \(declaration.name)"
        }
    }

    /// True for a declaration, false for a pattern of a `switch`. A case with a raw value may be decoded from input, so
    /// no code need name it.
    private static func isCaseDeclaration(_ words: [Substring], _ code: Substring) -> Bool {
        words.first == "case" && !code.contains(":") && !code.contains(" .") && !code.contains("=")
    }

    /// A line without its comment. A name in a string counts as used.
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
