import Foundation

/// A directory with these files, which is removed after the test.
package final class TemporaryDirectory {
    package let path: String

    package init(_ files: [String: String]) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "chatd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        for (name, content) in files { try Data(content.utf8).write(to: url.appending(path: name)) }
        path = url.path(percentEncoded: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
