import Glibc
import Synchronization
import Testing

@testable import Transport

/// A Socket.IO client on a WebSocket. A thread of its own reads; tests await what it has read.
final class TestClient: Sendable {
    struct Options {
        var answersPings = true
        /// Engine.IO packets that are sent at once, behind the request that opens the session.
        var packets: [String] = []
        /// Bytes that the kernel keeps for the client, in each direction.
        var kernelBuffers: Int?
    }

    private let socket: ClientSocket
    private let answersPings: Bool
    private let inbox = ClientInbox()
    private let isReading = Atomic<Bool>(true)
    private let sending = Mutex(())
    private let pingCount = Atomic<Int>(0)

    /// How many pings have come.
    var pings: Int { pingCount.load(ordering: .relaxed) }

    /// Opens a session and waits for its open packet.
    init(port: UInt16, options: Options = Options()) async throws {
        socket = try ClientSocket(port: port, kernelBuffers: options.kernelBuffers)
        answersPings = options.answersPings
        socket.send(
            Array(
                """
                GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """.utf8) + options.packets.flatMap { ClientFrames.text($0) })
        try Thread.start(name: "client") { [self] in readAll() }
        try #require(try await next().hasPrefix("0{"))
    }

    // MARK: Reading, on the client's thread

    private func readAll() {
        var bytes: [UInt8] = []
        var start = 0
        var isUpgraded = false
        while true {
            inbox.judgeDeadline()
            guard isReading.load(ordering: .relaxed) else {
                usleep(2000)
                continue
            }
            switch socket.read() {
            case .nothing: continue
            case .end: return inbox.end(code: nil)
            case .bytes(let read):
                bytes = bytes[start...] + read
                start = 0
            }
            if !isUpgraded {
                guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
                isUpgraded = true
                start = headEnd.upperBound
            }
            while let message = ClientFrames.take(from: bytes, at: &start) { receive(message) }
        }
    }

    private func receive(_ message: ClientFrames.Message) {
        switch message {
        case .text("2"):
            pingCount.add(1, ordering: .relaxed)
            if answersPings { send(packet: "3") }
        case .text(let text): inbox.add(text)
        case .binary(let bytes): inbox.add("binary \(bytes)")
        case .close(let code):
            inbox.end(code: code)
            socket.shutDown()
        }
    }

    /// Whether the client takes what the server sends.
    func setReading(_ isReading: Bool) { self.isReading.store(isReading, ordering: .relaxed) }

    /// The next packet, Engine.IO type included, such as `42["event"]`. Binary messages are `binary [1, 2]`.
    func next() async throws -> String { try await inbox.next() }

    /// The next `count` packets.
    func next(_ count: Int) async throws -> [String] {
        var packets: [String] = []
        for _ in 0..<count { packets.append(try await next()) }
        return packets
    }

    /// Waits for the connection's end; packets that come before it do not count.
    /// - Returns: the code of the server's close frame; nil when there was none.
    func end() async throws -> Int? {
        while true {
            do {
                _ = try await next()
            } catch ClientInbox.Failure.ended(let code) {
                return code
            }
        }
    }

    // MARK: Sending

    /// Sends bytes as they are.
    func send(frames: some Sequence<UInt8>) {
        let frames = Array(frames)
        // Pongs come from another thread, and frames must stay whole.
        sending.withLock { _ in _ = socket.send(frames) }
    }

    /// Sends an Engine.IO packet as it is.
    func send(packet: String) { send(frames: ClientFrames.text(packet)) }

    /// Sends a Socket.IO packet, such as `2["event"]`.
    func send(_ packet: String) { send(packet: "4" + packet) }

    /// Sends several Socket.IO packets so that they arrive together.
    func send(_ packets: [String]) { send(frames: packets.flatMap { ClientFrames.text("4" + $0) }) }

    func send(binary bytes: [UInt8]) { send(frames: ClientFrames.frame(opcode: 2, bytes)) }

    /// Ends the connection without a word.
    func close() {
        setReading(true)
        socket.shutDown()
    }

    /// Ends the connection with a reset.
    func reset() { socket.reset() }

    /// Ends the connection as a client that closes its WebSocket properly.
    func closeWebSocket() { send(frames: ClientFrames.frame(opcode: 8, [0x03, 0xE8])) }
}
