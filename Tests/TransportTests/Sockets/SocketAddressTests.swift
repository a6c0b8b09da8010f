import Testing

@testable import Transport

@Suite("Socket addresses: resolving a host")
struct SocketAddressTests {
    @Test(
        "a literal address resolves to itself, with or without brackets",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80"), ("::", "[::]:80"),
            ("[::]", "[::]:80"), ("[0:0::1]", "[::1]:80"), ("0.0.0.0", "0.0.0.0:80"),
            ("::ffff:127.0.0.1", "127.0.0.1:80"), ("[::ffff:7f00:1]", "127.0.0.1:80"),
        ])
    func literals(host: String, address: String) throws {
        #expect(try SocketAddress.resolve(host: host, port: 80).map(\.description) == [address])
    }

    @Test("localhost resolves to the two loopback addresses")
    func localhost() throws {
        #expect(
            try SocketAddress.resolve(host: "localhost", port: 80).map(\.description) == ["127.0.0.1:80", "[::1]:80"])
    }

    @Test(
        "the URL of an address works in a browser on this machine",
        arguments: [
            ("127.0.0.1", "http://localhost:80"), ("0.0.0.0", "http://localhost:80"), ("::", "http://localhost:80"),
            ("::1", "http://[::1]:80"), ("127.0.0.2", "http://127.0.0.2:80"),
        ])
    func url(host: String, url: String) throws {
        #expect(try SocketAddress.resolve(host: host, port: 80).map(\.url) == [url])
    }

    @Test(
        "a text that is not a host is refused",
        arguments: ["[]", "[", "]", "[127.0.0.1]", "[localhost]", "[::1", "::1]", "[[::1]]", "[::1]:80", "[::x]"])
    func refused(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80) }
    }
}
