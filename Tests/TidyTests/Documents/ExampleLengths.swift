/// The table in the guide that compares the length of each example with the same program for Node.
struct ExampleLengths {
    /// The table's rows, sorted.
    let stated: [String]
    /// The rows as they should be, sorted.
    let counted: [String]

    init(guide: SourceFile?, examples: [SourceFile]) {
        stated = (guide?.lines ?? []).filter { $0.hasPrefix("| [") && $0.contains("](../Examples/Node/") }
            .map(String.init).sorted()
        counted = examples.compactMap { program -> String? in
            guard program.folder == "Examples/Node" else { return nil }
            let name = String(program.path.dropFirst("Examples/Node/".count).prefix { $0 != "." })
            let swift = examples.filter { $0.isSwift && $0.folder == "Examples/\(name)" }.map(Self.length).reduce(0, +)
            return "| [\(name)](../Examples/\(name)) | \(swift) | [\(Self.length(of: program))](../\(program.path)) |"
        }.sorted()
    }

    /// The number of lines without empty lines and comments.
    private static func length(of file: SourceFile) -> Int {
        file.lines.count { line in
            let text = line.drop { $0 == " " }
            return !text.isEmpty && !text.hasPrefix("//")
        }
    }
}
