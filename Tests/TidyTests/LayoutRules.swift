/// Rules for the size of lines, functions, files and folders.
enum LayoutRules {
    static let maxColumns = 120
    static let maxFileLines = 300
    static let maxFunctionLines = 70
    static let maxFolderFiles = 15

    /// Lines that are too wide. A link and a row of a table in Markdown cannot be broken.
    static func wideLines(in file: SourceFile) -> [String] {
        file.lines.indices.filter { index in
            let line = file.lines[index]
            guard line.utf8.count > maxColumns, line.count > maxColumns else { return false }
            let text = line.drop { $0 == " " }
            return !(file.isMarkdown && (text.hasPrefix("http") || text.hasPrefix("|")))
        }.map { "\(file.place($0)): \(file.lines[$0].count) columns" }
    }

    /// Functions that are too long. `swift format` indents a function's closing brace like its first line, so that the
    /// brace can be found without parsing.
    static func longFunctions(in file: SourceFile) -> [String] {
        file.lines.indices.compactMap { start in
            guard isFunction(file.lines[start]) else { return nil }
            let closing = file.lines[start].prefix { $0 == " " } + "}"
            let length = file.lines[start...].prefix { !$0.hasPrefix(closing) }.count + 1
            guard length > maxFunctionLines, start + length <= file.lines.count else { return nil }
            return "\(file.place(start)): \(length) lines"
        }
    }

    private static func isFunction(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.first?.hasPrefix("//") == false, line.hasSuffix("{") || line.hasSuffix("(") else { return false }
        return words.contains { $0 == "func" || $0.hasPrefix("init(") || $0.hasPrefix("init<") || $0 == "deinit" }
    }

    /// Swift files that are too long.
    static func longFiles(among files: [SourceFile]) -> [String] {
        // A file ends with a line feed, so its last element is an empty string and not a line.
        files.filter { $0.isSwift && $0.lines.count - 1 > maxFileLines }
            .map { "\($0.path): \($0.lines.count - 1) lines" }
    }

    /// Folders with too many files.
    static func fullFolders(among files: [SourceFile]) -> [String] {
        Dictionary(grouping: files, by: \.folder).filter { $0.value.count > maxFolderFiles }
            .map { "\($0.key): \($0.value.count) files" }.sorted()
    }

    /// Names that several Python files of the tests share. pytest imports each file as a module of that name, so it
    /// would collect only the first one. A `conftest.py` is imported by its place.
    static func sharedModuleNames(among files: [SourceFile]) -> [String] {
        let modules = files.filter { $0.path.hasPrefix("Tests/") && $0.path.hasSuffix(".py") }
        return Dictionary(grouping: modules) { $0.path.split(separator: "/").last ?? "" }
            .filter { $0.value.count > 1 && $0.key != "conftest.py" }
            .map { name, files in "\(name): \(files.map(\.folder).sorted().joined(separator: ", "))" }.sorted()
    }
}
