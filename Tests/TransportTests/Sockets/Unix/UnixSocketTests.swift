import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("Listening Unix domain sockets")
struct UnixSocketTests {
    private let directory: TemporaryDirectory
    private let machine = LinuxMachine.shared

    init() throws {
        directory = try TemporaryDirectory([:])
    }

    private func address(_ name: String = "socket") throws -> SocketAddress {
        try SocketAddress(unixPath: "\(directory.path)/\(name)")
    }

    private func bind(_ address: SocketAddress) throws -> ListeningSocket {
        try ListeningSocket(binding: address, on: machine)
    }

    private func status(of address: SocketAddress) -> stat? {
        var status = stat()
        return lstat(address.unixPath ?? "", &status) == 0 ? status : nil
    }

    /// A socket that is connected to the address.
    private func connect(to address: SocketAddress) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        // connect() waits while the backlog is full.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard address.withSockaddr({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let error = SystemError("connect")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private func bindError(_ address: SocketAddress) -> CInt? {
        #expect(throws: ListeningSocket.BindError.self) { try bind(address) }?.cause.code
    }

    @Test("a socket has its address, accepts connections of unnamed peers, and is non-blocking and close-on-exec")
    func accepts() throws {
        let address = try address()
        let listening = try bind(address)
        defer { listening.close() }
        #expect(listening.address == address)
        #expect(try machine.localAddress(of: listening.descriptor) == address)
        #expect(throws: SystemError("accept4", code: EAGAIN)) { try machine.accept(from: listening.descriptor) }
        let client = try connect(to: address)
        defer { close(client) }
        let (connection, peer) = try machine.accept(from: listening.descriptor)
        defer { close(connection) }
        #expect(peer.isEmpty)
        #expect(fcntl(connection, F_GETFD) & FD_CLOEXEC != 0 && fcntl(connection, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(listening.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("the file has mode 0660 and is removed on request")
    func file() throws {
        let address = try address()
        let listening = try bind(address)
        #expect(status(of: address).map { $0.st_mode & 0o7777 } == 0o660)
        listening.removeFile()
        #expect(status(of: address) == nil)
        listening.removeFile()
        listening.close()
    }

    @Test("a name in the abstract namespace may have 107 bytes")
    func longestName() throws {
        let name = "@chatd-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let address = try SocketAddress(unixPath: name + String(repeating: "x", count: 108 - name.utf8.count))
        let listening = try bind(address)
        defer { listening.close() }
        #expect(try machine.localAddress(of: listening.descriptor) == address)
        close(try connect(to: address))
    }

    @Test("a name in the abstract namespace needs no file and is free again after closing")
    func abstract() throws {
        let address = try SocketAddress(unixPath: "@chatd-test-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        for _ in 0..<2 {
            let listening = try bind(address)
            #expect(try machine.localAddress(of: listening.descriptor) == address)
            close(try connect(to: address))
            #expect(bindError(address) == EADDRINUSE)
            listening.removeFile()
            listening.close()
        }
    }

    @Test("the file of a server that has ended is replaced")
    func abandoned() throws {
        let address = try address()
        try bind(address).close()
        #expect(status(of: address) != nil)
        let next = try bind(address)
        close(try connect(to: address))
        next.close()
    }

    @Test("the path of a server that listens is in use, also while its backlog is full")
    func inUse() throws {
        let address = try address()
        let listening = try bind(address)
        defer { listening.close() }
        #expect(bindError(address) == EADDRINUSE)
        // The backlog shrinks to one connection, that of the first attempt. A further connection would wait.
        listen(listening.descriptor, 0)
        #expect(bindError(address) == EADDRINUSE)
    }

    @Test("a path that is not that of a socket is refused, and the file is kept")
    func otherFile() throws {
        let address = try address()
        let content = Data("text".utf8)
        try content.write(to: URL(filePath: address.unixPath ?? ""))
        #expect(bindError(address) == ENOTSOCK)
        #expect(try Data(contentsOf: URL(filePath: address.unixPath ?? "")) == content)
    }

    @Test("a directory that does not exist is an error")
    func noDirectory() throws {
        #expect(bindError(try address("none/socket")) == ENOENT)
    }

    @Test("a directory that another process locks can be tried again")
    func locked() throws {
        let address = try address()
        let lock = try #require(try DirectoryLock(ofFile: address.unixPath ?? ""))
        let error = #expect(throws: ListeningSocket.BindError.self) { try bind(address) }
        #expect(error?.cause.code == EAGAIN)
        #expect(
            error?.description
                == "cannot listen on \(address): another process holds a lock on the directory \(directory.path)/")
        lock.end()
        try bind(address).close()
    }

    @Test(
        "the error names who can remove a socket that this user may not replace",
        arguments: [
            (SystemError("connect", code: EACCES), true), (SystemError("unlink", code: EPERM), true),
            (SystemError("unlink", code: EACCES), true), (SystemError("bind", code: EACCES), false),
        ])
    func forbidden(cause: SystemError, isExplained: Bool) throws {
        let description = ListeningSocket.BindError(address: try address(), cause: cause).description
        #expect(description.contains("owner or root can") == isExplained)
        #expect(description.contains("\(cause)") != isExplained)
        // Only a path has a file and an owner.
        let name = ListeningSocket.BindError(address: try SocketAddress(unixPath: "@name"), cause: cause)
        #expect(name.description == "cannot listen on unix:@name: \(cause)")
    }

    @Test("a file that another server has put at the path is not removed")
    func replaced() throws {
        let address = try address()
        let old = try bind(address)
        unlink(address.unixPath ?? "")
        let new = try bind(address)
        old.close()
        old.removeFile()
        close(try connect(to: address))
        new.removeFile()
        #expect(status(of: address) == nil)
        new.close()
    }

    @Test("servers that start at the same time never remove each other's file")
    func race() async throws {
        let address = try address()
        try bind(address).close()
        for _ in 0..<50 {
            let sockets = await withTaskGroup(of: ListeningSocket?.self) { group in
                for _ in 0..<4 { group.addTask { try? ListeningSocket(binding: address, on: LinuxMachine.shared) } }
                return await group.reduce(into: []) { $0.append($1) }
            }.compactMap { $0 }
            #expect(sockets.count == 1)
            // The socket of the winner is the one at the path.
            if let client = try? connect(to: address) { close(client) } else { Issue.record("no server at the path") }
            for socket in sockets { socket.close() }
        }
    }

    @Test(
        "the directory of a path",
        arguments: [("/run/chatd.sock", "/run/"), ("/chatd.sock", "/"), ("/a/b/c", "/a/b/"), ("/a//c", "/a//")])
    func directory(path: String, directory: String) {
        #expect(DirectoryLock.directory(of: path) == directory)
    }
}
