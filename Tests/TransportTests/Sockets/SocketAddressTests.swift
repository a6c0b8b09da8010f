import Testing

@testable import Transport

@Suite("Socket addresses: what a host stands for")
struct SocketAddressTests {
    @Test(
        "a literal stands for itself, in brackets or not",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80"), ("::", "[::]:80"),
            ("[::]", "[::]:80"), ("[0:0::1]", "[::1]:80"), ("0.0.0.0", "0.0.0.0:80"),
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
        "what is no host is refused",
        arguments: ["[]", "[", "]", "[127.0.0.1]", "[localhost]", "[::1", "::1]", "[[::1]]", "[::1]:80", "[::x]"])
    func refused(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80) }
    }
}
