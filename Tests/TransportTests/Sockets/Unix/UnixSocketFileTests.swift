import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("The files of Unix domain sockets")
struct UnixSocketFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(["file": "text"])
        chmod(path("file"), 0o600)
    }

    private func path(_ name: String) -> String {
        "\(directory.path)/\(name)"
    }

    private func bind(_ name: String) throws -> ListeningSocket {
        try ListeningSocket(binding: try SocketAddress(unixPath: path(name)), on: LinuxMachine.shared)
    }

    private func mode(of name: String) -> mode_t? {
        var status = stat()
        return lstat(path(name), &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test("only a socket is recognized, and no file that a symbolic link leads to")
    func otherFiles() throws {
        let listening = try bind("socket")
        defer { listening.close() }
        #expect(symlink("file", path("link")) == 0 && symlink("socket", path("link-to-socket")) == 0)
        for name in ["file", "link", "link-to-socket", "none", ""] {
            #expect(UnixSocketFile(path(name)) == nil)
        }
        #expect(UnixSocketFile(path("socket")) != nil)
        #expect(mode(of: "file") == 0o600)
    }

    @Test("the mode of a file is set, and not that of another file that has been moved to its path")
    func setMode() throws {
        let listening = try bind("socket")
        defer { listening.close() }
        let file = try #require(UnixSocketFile(path("socket")))
        file.setMode(0o606)
        #expect(mode(of: "socket") == 0o606)
        #expect(rename(path("socket"), path("moved")) == 0 && rename(path("file"), path("socket")) == 0)
        file.setMode(0o640)
        #expect(mode(of: "moved") == 0o640 && mode(of: "socket") == 0o600)
    }

    @Test("servers that stop at the same time all remove their files")
    func simultaneous() async throws {
        for _ in 0..<20 {
            let sockets = try (0..<8).map { try bind("socket-\($0)") }
            await withTaskGroup(of: Void.self) { group in
                for socket in sockets { group.addTask { socket.removeFile() } }
            }
            #expect(sockets.indices.allSatisfy { mode(of: "socket-\($0)") == nil })
            for socket in sockets { socket.close() }
        }
    }

    @Test("a file is removed as soon as another process unlocks the directory")
    func waits() throws {
        let listening = try bind("socket")
        defer { listening.close() }
        let file = try #require(UnixSocketFile(path("socket")))
        let lock = try #require(try DirectoryLock(ofFile: path("socket")))
        var pauses = 0
        file.remove {
            pauses += 1
            if pauses == 3 { lock.end() }
        }
        #expect(pauses == 3 && mode(of: "socket") == nil)
    }

    @Test("a file stays if another process keeps the directory locked")
    func givesUp() throws {
        let listening = try bind("socket")
        defer { listening.close() }
        let file = try #require(UnixSocketFile(path("socket")))
        let lock = try #require(try DirectoryLock(ofFile: path("socket")))
        defer { lock.end() }
        var pauses = 0
        file.remove { pauses += 1 }
        #expect(pauses == UnixSocketFile.maxAttempts && mode(of: "socket") != nil)
    }

    @Test("a file that another server replaces in the meantime stays")
    func replacedMeanwhile() throws {
        try bind("socket").close()
        let file = try #require(UnixSocketFile(path("socket")))
        let lock = try #require(try DirectoryLock(ofFile: path("socket")))
        var next: ListeningSocket?
        defer { next?.close() }
        file.remove {
            lock.end()
            next = try? bind("socket")
        }
        #expect(next != nil && mode(of: "socket") == 0o660)
    }
}
