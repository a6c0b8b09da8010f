/// A text file of the project.
struct SourceFile {
    /// From the project's folder.
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

    /// The line as compilers and editors print it.
    /// - Parameter index: The first line has 0.
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }
}
