import SimulatedMachine

/// A client's WebSocket transport, with real bytes.
final class WebSocketTransport: ClientTransport {
    private let end: SocketEnd
    private let prefersText: Bool
    private var unsent: [UInt8]
    private var input: [UInt8] = []
    private var isOpen = false
    /// The server's protocol error, if it made one.
    private(set) var protocolError: String?
    /// True if the server has responded with 503.
    private(set) var isUnavailable = false
    /// True if the server has responded with 400: it does not know the session.
    private(set) var isSessionUnknown = false
    /// The code of the server's close frame.
    private(set) var closeCode: Int?
    private(set) var isClosed = false

    /// - Parameters:
    ///   - sid: the session to upgrade; nil for a new session.
    ///   - prefersText: true to send binary data as text (`forceBase64`).
    init(_ end: SocketEnd, host: String, sid: String? = nil, prefersText: Bool = false) {
        self.end = end
        self.prefersText = prefersText
        unsent = Array(
            """
            GET /socket.io/?EIO=4&transport=websocket\(sid.map { "&sid=\($0)" } ?? "") HTTP/1.1\r
            Host: \(host)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """.utf8)
        flush()
    }

    // MARK: Writing

    func send(_ packets: [EnginePacket]) {
        for packet in packets {
            switch packet {
            case .text(let text): unsent += Self.frame(1, text)
            case .binary(let bytes): unsent += prefersText ? Self.frame(1, packet.polled) : Self.frame(2, bytes)
            }
        }
        flush()
    }

    /// A masked frame (RFC 6455, section 5.2).
    private static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        return frame
    }

    /// Sends as many buffered bytes as the kernel accepts.
    func flush() {
        guard !isClosed else { return }
        let count = min(unsent.count, end.outgoing.space)
        end.outgoing.append(unsent.prefix(count))
        unsent.removeFirst(count)
    }

    // MARK: Reading

    var hasInput: Bool { !isClosed && end.hasInput }

    func receive(atMost limit: Int) -> [EnginePacket] {
        input += end.incoming.read(atMost: limit)
        guard isOpen || open() else { return [] }
        var packets: [EnginePacket] = []
        var index = 0
        while let (opcode, payload) = frame(at: index) {
            index = payload.endIndex
            switch opcode {
            case 1: packets.append(.text(Array(payload)))
            case 2: packets.append(.binary(Array(payload)))
            case 8: closeCode = payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            default: protocolError = "a frame with opcode \(opcode)"
            }
        }
        input.removeFirst(index)
        return packets
    }

    private func open() -> Bool {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = input.indices.first(where: { input[$0...].starts(with: separator) }) else { return false }
        isUnavailable = input.starts(with: Array("HTTP/1.1 503 ".utf8))
        isSessionUnknown = input.starts(with: Array("HTTP/1.1 400 ".utf8))
        // 408: the request arrived too late, and the server closes the connection.
        let isLate = input.starts(with: Array("HTTP/1.1 408 ".utf8))
        guard !isUnavailable, !isSessionUnknown, !isLate else { return false }
        guard input.starts(with: Array("HTTP/1.1 101 ".utf8)) else {
            protocolError = "refused: \(String(decoding: input[..<end], as: UTF8.self))"
            return false
        }
        input.removeFirst(end + separator.count)
        isOpen = true
        return true
    }

    /// Returns the complete, unmasked frame at an index.
    private func frame(at start: Int) -> (opcode: UInt8, payload: ArraySlice<UInt8>)? {
        guard start + 2 <= input.count else { return nil }
        var (index, length) = (start + 2, Int(input[start + 1]))
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        guard index + extra <= input.count else { return nil }
        if extra > 0 { length = input[index..<index + extra].reduce(0) { $0 << 8 | Int($1) } }
        index += extra
        guard index + length <= input.count else { return nil }
        return (input[start] & 0x0F, input[index..<index + length])
    }

    var isAtEnd: Bool { end.hasEnded }
    var isClosedByServer: Bool { end.isPeerClosed }

    /// The reason for the end, for the trace.
    var ending: String { "code \(closeCode ?? 0), reset: \(end.incoming.hasResetArrived)" }
    var openWebSocketCloseCode: Int? { isOpen ? closeCode ?? 0 : nil }

    // MARK: Leaving

    func close(_ reason: TransportEnd, kernel: SimulatedKernel) {
        guard !isClosed else { return }
        isClosed = true
        end.close(reason, kernel: kernel)
    }
}
