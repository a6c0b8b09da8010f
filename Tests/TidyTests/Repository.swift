import Foundation

/// The files of the project.
enum Repository {
    /// The folder of Package.swift.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let folders = ["Benchmarks", "Examples", "Sources", "Tests", "docs", "scripts"]
    private static let textSuffixes: Set = ["c", "css", "h", "html", "js", "md", "py", "swift"]

    /// The text files that people write, without patches and data.
    static let files: [SourceFile] = paths.compactMap { path in
        let suffix = URL(filePath: path).pathExtension
        guard textSuffixes.contains(suffix) || suffix.isEmpty else { return nil }
        return (try? String(contentsOf: root.appending(path: path), encoding: .utf8))
            .map { SourceFile(path: path, text: $0) }
    }

    static var swiftFiles: [SourceFile] { files.filter(\.isSwift) }

    private static var paths: [String] {
        var paths = (try? FileManager.default.contentsOfDirectory(atPath: root.path())) ?? []
        paths.removeAll { !$0.hasSuffix(".md") && !$0.hasSuffix(".swift") }
        for folder in folders {
            let content = FileManager.default.enumerator(atPath: root.appending(path: folder).path())
            while let path = content?.nextObject() as? String { paths.append("\(folder)/\(path)") }
        }
        return paths.filter { path in
            !path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__pycache__" || $0 == "node_modules" }
        }.sorted()
    }
}
