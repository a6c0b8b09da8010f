import Testing

@testable import Transport

@Suite("Socket addresses: what a host stands for")
struct SocketAddressTests {
    @Test(
        "a literal stands for itself, in brackets or not",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80"), ("::", "[::]:80"),
            ("[::]", "[::]:80"), ("[0:0::1]", "[::1]:80"), ("0.0.0.0", "0.0.0.0:80"),
            ("::ffff:127.0.0.1", "127.0.0.1:80"), ("[::ffff:7f00:1]", "127.0.0.1:80"),
        ])
    func literals(host: String, address: String) throws {
        #expect(try SocketAddress.resolve(host: host, port: 80).map(\.description) == [address])
    }

    @Test("localhost is the two loopback literals")
    func localhost() throws {
        #expect(
            try SocketAddress.resolve(host: "localhost", port: 80).map(\.description) == ["127.0.0.1:80", "[::1]:80"])
    }

    @Test(
        "its pages are at an address that a browser on this machine takes",
        arguments: [
            ("127.0.0.1", "http://localhost:80"), ("0.0.0.0", "http://localhost:80"), ("::", "http://localhost:80"),
            ("::1", "http://[::1]:80"), ("127.0.0.2", "http://127.0.0.2:80"),
        ])
    func url(host: String, url: String) throws {
        #expect(try SocketAddress.resolve(host: host, port: 80).map(\.url) == [url])
    }

    @Test(
        "what is no host is refused",
        arguments: ["[]", "[", "]", "[127.0.0.1]", "[localhost]", "[::1", "::1]", "[[::1]]", "[::1]:80", "[::x]"])
    func refused(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80) }
    }
}
