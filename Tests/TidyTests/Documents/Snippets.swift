/// The Swift code of a document, which must be a marked part of an example, so that it is compiled.
struct Snippets {
    /// Code without the indentation that all its lines share.
    struct Snippet {
        let place: String
        let code: [Substring]
    }

    static let begin = "// docs: begin"
    static let end = "// docs: end"
    private static let fence = "```"

    /// The blocks of Swift code in the documents.
    private(set) var blocks: [Snippet] = []
    /// The marked parts of the examples.
    private(set) var parts: [Snippet] = []
    /// Marks and fences without their counterparts.
    private(set) var unpaired: [String] = []

    init(documents: [SourceFile], examples: [SourceFile]) {
        for file in documents { read(file, from: Self.fence + "swift", to: Self.fence, into: \.blocks) }
        for file in examples { read(file, from: Self.begin, to: Self.end, into: \.parts) }
    }

    private mutating func read(
        _ file: SourceFile, from begin: String, to end: String, into snippets: WritableKeyPath<Snippets, [Snippet]>
    ) {
        var start: Int?
        for (index, line) in file.lines.enumerated() {
            let text = line.drop { $0 == " " }
            if text == begin {
                if let start { unpaired.append(file.place(start)) }
                start = index
            } else if text == end, let first = start {
                let code = Self.outdented(file.lines[(first + 1)..<index])
                self[keyPath: snippets].append(Snippet(place: file.place(first), code: code))
                start = nil
            } else if text == end, end != Self.fence {
                unpaired.append(file.place(index))
            }
        }
        if let start { unpaired.append(file.place(start)) }
    }

    private static func outdented(_ lines: ArraySlice<Substring>) -> [Substring] {
        let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { $0.dropFirst(indentation) }
    }

    /// Blocks that are no part of an example, and parts that no document shows.
    var violations: [String] {
        let shown = Set(blocks.map(\.code))
        let compiled = Set(parts.map(\.code))
        return unpaired.map { "\($0): no counterpart" }
            + blocks.filter { !compiled.contains($0.code) }.map { "\($0.place): not a marked part of an example" }
            + parts.filter { !shown.contains($0.code) }.map { "\($0.place): no document shows this" }
    }
}
