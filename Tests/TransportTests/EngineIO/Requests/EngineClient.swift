import Glibc
import TestSupport
import Testing

@testable import Transport

/// A connection to a server on this machine, which sends and reads bytes as text.
final class EngineClient {
    private let descriptor: CInt
    private var received: [UInt8] = []

    static let webSocketHeaders = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    static func request(_ method: String, _ target: String, headers: [String], body: String = "") -> String {
        let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
        return (["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers + length).joined(separator: "\r\n")
            + "\r\n\r\n" + body
    }

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: port).first)
        try #require(address.withSockaddr { Glibc.connect(descriptor, $0, $1) } == 0)
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count)
    }

    /// Shuts down the client's side.
    func endSending() {
        #expect(shutdown(descriptor, CInt(SHUT_WR)) == 0)
    }

    /// Sends a masked text frame of at most 125 bytes. The mask is zero.
    func send(frame text: String) {
        let bytes = [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8)
        #expect(Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count)
    }

    /// Reads until `condition` holds for everything that has arrived, and returns it.
    func read(until condition: (String) -> Bool) async throws -> String {
        try await eventually {
            _ = self.readAvailable()
            return condition(self.text)
        }
        return text
    }

    func readToEnd() async throws -> String {
        try await eventually { self.readAvailable() }
        return text
    }

    private var text: String { String(decoding: received, as: UTF8.self) }

    /// - Returns: true if the connection has ended.
    private func readAvailable() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            guard count > 0 else { return count == 0 || errno != EAGAIN }
            received += buffer[..<count]
        }
    }
}
