import Foundation
import Glibc
import Testing

@testable import chatd

@Suite("What may be served of a directory")
struct ServedDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(["a": "12345", "b": "b", ".hidden": "secret"])
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/\(name)", withDestinationPath: target)
    }

    /// The bytes of what a path leads to; nil for nothing, and for a directory.
    private func bytes(_ relative: String, limit: Int = 100) throws -> String? {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: limit).entry(relative) else {
            return nil
        }
        return String(decoding: try file.readAll(), as: UTF8.self)
    }

    @Test("a file is, up to the limit; nothing is not, nor is what is no file")
    func files() throws {
        #expect(try bytes("a", limit: 5) == "12345")
        #expect(throws: FileError.self) { try bytes("a", limit: 4) }
        #expect(try bytes("missing") == nil)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        #expect(throws: FileError.self) { try bytes("pipe") }
        guard case .directory = try ServedDirectory(directory.path, limit: 5).entry("") else {
            Issue.record("the directory itself is one")
            return
        }
    }

    @Test("a link to what could be asked for is, by any detour")
    func linksInside() throws {
        try link("one", to: "a")
        try link("two", to: "\(directory.path)/one")
        try link("three", to: "../\(directory.path.split(separator: "/").last ?? "")/a")
        for name in ["one", "two", "three"] { #expect(try bytes(name) == "12345") }
    }

    @Test("a link is not that ends outside, at a hidden file, below a hidden directory, in itself or nowhere")
    func linksElsewhere() throws {
        let outside = try TemporaryDirectory(["a": "outside"])
        try FileManager.default.createDirectory(
            atPath: directory.path + "/.git/inner", withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(filePath: directory.path + "/.git/inner/config"))
        let targets = [
            "\(outside.path)/a", outside.path, ".hidden", ".git/inner/config", ".git/inner", "..", "/", "/etc/passwd",
            "link", "/nowhere", "/proc/self/environ", "/proc/self/fd/0", "/dev/zero",
        ]
        for target in targets {
            try link("link", to: target)
            for path in ["link", "link/a", "link/config"] { #expect(try bytes(path) == nil, "\(path) at \(target)") }
            try FileManager.default.removeItem(atPath: directory.path + "/link")
        }
    }

    @Test("a directory with a name that is longer than that of the one served is another one")
    func beside() throws {
        let path = directory.path + "-beside"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("x".utf8).write(to: URL(filePath: path + "/a"))
        try link("link", to: path)
        #expect(try bytes("link/a") == nil)
    }

    @Test("a link that is turned while it is asked for leads to what it led to when that was looked at")
    func turned() throws {
        let served = try ServedDirectory(directory.path, limit: 100)
        let swap = Thread { [path = directory.path] in
            while !Thread.current.isCancelled {
                for target in ["a", ".hidden", "/etc/passwd"] {
                    symlink(target, path + "/.new")
                    rename(path + "/.new", path + "/link")
                }
            }
        }
        try link("link", to: "a")
        swap.start()
        defer { swap.cancel() }
        var served12345 = 0
        for _ in 0..<3000 {
            guard case .file(let file) = try served.entry("link") else { continue }
            #expect(try file.readAll() == Array("12345".utf8))
            served12345 += 1
        }
        #expect(served12345 > 0)
    }

    @Test(
        "a file that has changed since it was opened is not read on", arguments: ["grows", "shrinks", "is rewritten"])
    func changes(how: String) throws {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: 100).entry("a") else {
            Issue.record("it is there")
            return
        }
        #expect(file.read(from: 1, count: 2) == Array("23".utf8))
        let handle = try #require(FileHandle(forUpdatingAtPath: directory.path + "/a"))
        switch how {
        case "grows":
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("6".utf8))
        case "shrinks": try handle.truncate(atOffset: 4)
        default:
            try handle.write(contentsOf: Data("54321".utf8))
            // The file system's clock may not have gone on since the file was made.
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            futimens(handle.fileDescriptor, &times)
        }
        #expect(file.read(from: 1, count: 2) == nil)
        #expect(throws: FileError.self) { try file.readAll() }
    }

    @Test("a file that was replaced is read on in the version in which it was opened")
    func replaced() throws {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: 100).entry("a") else {
            Issue.record("it is there")
            return
        }
        rename(directory.path + "/b", directory.path + "/a")
        #expect(try file.readAll() == Array("12345".utf8))
        #expect(try bytes("a") == "b")
    }
}
