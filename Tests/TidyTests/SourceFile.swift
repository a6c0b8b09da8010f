/// A text file of the project.
struct SourceFile {
    /// The path relative to the project's folder.
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isMarkdown: Bool { path.hasSuffix(".md") }

    /// The path of its folder.
    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

    /// A line's place in the form `path:number`, which editors open.
    /// - Parameter index: The line's index, counted from 0.
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }
}
