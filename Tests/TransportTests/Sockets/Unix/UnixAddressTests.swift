import Glibc
import Testing

@testable import Transport

@Suite("Addresses of Unix domain sockets")
struct UnixAddressTests {
    @Test(
        "an address has its path, its text and no port",
        arguments: ["/run/chatd.sock", "/a", "@name", "@a/b", "/with space/ü.sock"])
    func valid(path: String) throws {
        let address = try SocketAddress(unixPath: path)
        #expect(address.unixPath == path && address.description == "unix:\(path)" && address.url == "unix:\(path)")
        #expect(address.host.isEmpty && address.port == 0 && !address.isLoopback)
    }

    @Test(
        "a path that no socket can have is refused with the reason",
        arguments: [
            ("", "empty"), ("@", "empty"), ("chatd.sock", "absolute"), ("./chatd.sock", "absolute"), ("/a\0b", "zero"),
            ("@a\0b", "zero"), ("/" + String(repeating: "x", count: 107), "108 bytes"),
            ("@" + String(repeating: "x", count: 108), "108 bytes"), ("/" + String(repeating: "ü", count: 54), "109"),
        ])
    func refused(path: String, reason: String) {
        let error = #expect(throws: SocketAddress.PathError.self) { try SocketAddress(unixPath: path) }
        #expect(error?.reason.contains(reason) == true && error?.path == path)
    }

    @Test(
        "the kernel's form of an address gives the same path",
        arguments: [
            "/a", "@a", "/run/chatd.sock", "/" + String(repeating: "x", count: 106),
            "@" + String(repeating: "x", count: 107),
        ])
    func roundTrip(path: String) throws {
        let address = try SocketAddress(unixPath: path)
        let bytes = address.withSockaddr { sockaddr, size in
            Array(UnsafeRawBufferPointer(start: sockaddr, count: Int(size)))
        }
        #expect(bytes.count <= MemoryLayout<sockaddr_un>.size)
        #expect(SocketAddress.unixPath(inSockaddr: bytes) == path)
        // A name in the abstract namespace has exactly its bytes, a path a zero byte at its end.
        #expect(bytes.count == 2 + path.utf8.count + (path.hasPrefix("@") ? 0 : 1))
    }

    @Test("every prefix of the kernel's form is read without a trap")
    func prefixes() throws {
        let bytes = try SocketAddress(unixPath: "/run/chatd.sock").withSockaddr { sockaddr, size in
            Array(UnsafeRawBufferPointer(start: sockaddr, count: Int(size)))
        }
        for count in 0...bytes.count {
            let path = SocketAddress.unixPath(inSockaddr: Array(bytes.prefix(count)))
            #expect(path == (count <= 2 ? nil : String("/run/chatd.sock".prefix(count - 2))))
        }
    }

    @Test("worker 0 has the path itself, and the others have its number appended")
    func workers() throws {
        let address = try SocketAddress(unixPath: "/run/chatd.sock")
        #expect(try address.ofWorker(0) == address)
        #expect(try address.ofWorker(2).unixPath == "/run/chatd.sock.2")
        #expect(try SocketAddress(unixPath: "@chatd").ofWorker(1).unixPath == "@chatd.1")
        let longest = try SocketAddress(unixPath: "/" + String(repeating: "x", count: 104))
        #expect(try longest.ofWorker(9).unixPath?.utf8.count == 107)
        #expect(throws: SocketAddress.PathError.self) { try longest.ofWorker(10) }
        let port = SocketAddress(host: "127.0.0.1", port: 80, isIPv6: false)
        #expect(try port.ofWorker(3) == port)
    }

    @Test(
        "only a server with loopback addresses and no others is limited to loopback hosts",
        arguments: [
            ([], true), (["127.0.0.1"], true), (["127.0.0.1", "::1"], true), (["127.0.0.1", "10.0.0.1"], false),
            (["/a"], false), (["/a", "127.0.0.1"], true), (["::1", "/a"], true), (["/a", "::"], false),
        ])
    func reach(listening: [String], isLoopbackOnly: Bool) throws {
        var reach = ServerReach()
        for text in listening {
            let address =
                text.hasPrefix("/")
                ? try SocketAddress(unixPath: text)
                : SocketAddress(host: text, port: 1, isIPv6: text.contains(":"))
            reach.add(address)
        }
        #expect(reach.isLoopbackOnly == isLoopbackOnly)
    }
}
