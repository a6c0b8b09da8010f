import Foundation
import Glibc
import TestSupport
import Testing

@testable import StaticFiles

@Suite("A served directory's files")
struct ServedDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(["a": "12345", "b": "b", ".hidden": "secret"])
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/\(name)", withDestinationPath: target)
    }

    /// The bytes of the file at a path; nil for a directory, or if there is nothing to serve.
    private func bytes(_ relative: String, limit: Int = 100) throws -> String? {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: limit).entry(relative) else {
            return nil
        }
        return String(decoding: try file.readAll(), as: UTF8.self)
    }

    @Test("a file up to the limit is served; a missing file and other kinds of file are not")
    func files() throws {
        #expect(try bytes("a", limit: 5) == "12345")
        #expect(throws: FileError.self) { try bytes("a", limit: 4) }
        #expect(try bytes("missing") == nil)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        #expect(throws: FileError.self) { try bytes("pipe") }
        guard case .directory = try ServedDirectory(directory.path, limit: 5).entry("") else {
            Issue.record("the directory itself must be a directory entry")
            return
        }
    }

    @Test("a file that is being replaced is served, in its old or its new form")
    func replacedMeanwhile() throws {
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "while cp b new && mv -f new a; do :; done"]
        writer.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        try writer.run()
        defer {
            writer.terminate()
            writer.waitUntilExit()
        }
        for _ in 0..<5000 { #expect(["12345", "b"].contains(try bytes("a"))) }
    }

    @Test("a link is served if its final target is a file that could be requested itself")
    func linksInside() throws {
        try link("one", to: "a")
        try link("two", to: "\(directory.path)/one")
        try link("three", to: "../\(directory.path.split(separator: "/").last ?? "")/a")
        for name in ["one", "two", "three"] { #expect(try bytes(name) == "12345") }
    }

    @Test("a link to a place outside, a hidden file, a hidden directory, itself or nothing is not served")
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

    @Test("a directory whose name begins with the served directory's name is outside")
    func beside() throws {
        let path = directory.path + "-beside"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("x".utf8).write(to: URL(filePath: path + "/a"))
        try link("link", to: path)
        #expect(try bytes("link/a") == nil)
    }

    @Test("a link that changes during a request serves the file that was checked")
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
        "reading a file fails after it has changed", arguments: ["grows", "shrinks", "is rewritten"])
    func changes(how: String) throws {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: 100).entry("a") else {
            Issue.record("the file must be served")
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
            // The file system's clock may not have advanced since the file was created.
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            futimens(handle.fileDescriptor, &times)
        }
        #expect(file.read(from: 1, count: 2) == nil)
        #expect(throws: FileError.self) { try file.readAll() }
    }

    @Test("a replaced file is still read in the opened version")
    func replaced() throws {
        guard case .file(let file) = try ServedDirectory(directory.path, limit: 100).entry("a") else {
            Issue.record("the file must be served")
            return
        }
        rename(directory.path + "/b", directory.path + "/a")
        #expect(try file.readAll() == Array("12345".utf8))
        #expect(try bytes("a") == "b")
    }
}
