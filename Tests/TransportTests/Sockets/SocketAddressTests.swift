import Glibc
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

    @Test("an IPv4 client of a socket that is bound to :: has an IPv4 address")
    func mappedPeer() throws {
        let machine = LinuxMachine.shared
        guard let server = try? machine.listen(on: SocketAddress.resolve(host: "::", port: 0)[0]) else {
            return  // This machine has no IPv6.
        }
        defer { machine.close(server.descriptor) }
        let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: server.address.port)[0]
        #expect(address.withSockaddr { connect(client, $0, $1) } == 0)
        let accepted = try machine.accept(from: server.descriptor)
        defer { machine.close(accepted.descriptor) }
        #expect(accepted.peer == "127.0.0.1")
        #expect(try machine.prepareConnection(accepted.descriptor).peer == "127.0.0.1")
        #expect(try machine.localAddress(of: accepted.descriptor).description == "127.0.0.1:\(server.address.port)")
        #expect(try machine.localAddress(of: accepted.descriptor).isLoopback)
    }

    @Test(
        "a text that is not a host is refused",
        arguments: ["[]", "[", "]", "[127.0.0.1]", "[localhost]", "[::1", "::1]", "[[::1]]", "[::1]:80", "[::x]"])
    func refused(host: String) {
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketAddress.resolve(host: host, port: 80) }
    }
}
