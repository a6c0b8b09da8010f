import Foundation
import StaticFiles
import TestSupport
import Testing

@testable import BrowserClient

@Suite("The browser client's files")
struct ClientBundleTests {
    @Test("the built-in client is one readable script and two small minified ones")
    func sizes() throws {
        let files = ClientBundle.builtIn().files
        let sizes = files.mapValues(\.bytes.count)
        #expect(files.keys.sorted() == ["socket.io.esm.min.js", "socket.io.js", "socket.io.min.js"])
        #expect(try #require(sizes["socket.io.min.js"]) < 20_000)
        #expect(try #require(sizes["socket.io.esm.min.js"]) < 20_000)
        let readable = String(decoding: try #require(files["socket.io.js"]).bytes, as: UTF8.self)
        #expect(readable.contains("/** One GET always waits for packets"))
    }

    @Test("each built-in script has a different tag, the same in every instance")
    func tags() {
        let (one, two) = (ClientBundle.builtIn().files, ClientBundle.builtIn().files)
        #expect(one.mapValues(\.tag) == two.mapValues(\.tag))
        #expect(Set(one.values.map(\.tag.opaqueTag)).count == 3)
    }

    @Test("only files with the bundle's names are read from a directory")
    func directory() throws {
        let directory = try TemporaryDirectory(["socket.io.js": "official", "socket.io.js.map": "{}", "other.js": "no"])
        let files = try ClientBundle(directory: directory.path).files
        #expect(
            files.mapValues { String(decoding: $0.bytes, as: UTF8.self) } == [
                "socket.io.js": "official", "socket.io.js.map": "{}",
            ])
        #expect(files["socket.io.js.map"]?.contentType == "application/json")
    }

    @Test("a link that leads out of the directory or to a hidden file is skipped")
    func links() throws {
        let outside = try TemporaryDirectory(["socket.io.js": "outside"])
        let directory = try TemporaryDirectory(["real.js": "official", ".hidden": "secret"])
        for (name, target) in [
            ("socket.io.js", "real.js"), ("socket.io.min.js", "\(outside.path)/socket.io.js"),
            ("socket.io.esm.min.js", ".hidden"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory.path)/\(name)", withDestinationPath: target)
        }
        let files = try ClientBundle(directory: directory.path).files
        #expect(files.mapValues { String(decoding: $0.bytes, as: UTF8.self) } == ["socket.io.js": "official"])
    }

    @Test("a missing directory, or one without any of the files, is refused")
    func refusals() throws {
        let directory = try TemporaryDirectory(["other.js": "no"])
        for path in [directory.path, directory.path + "/missing", directory.path + "/other.js"] {
            let error = #expect(throws: FileError.self) { try ClientBundle(directory: path) }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test("a file over the limit is refused")
    func limit() throws {
        let directory = try TemporaryDirectory(["socket.io.js": String(repeating: "x", count: (4 << 20) + 1)])
        #expect(throws: FileError.self) { try ClientBundle(directory: directory.path) }
    }
}
