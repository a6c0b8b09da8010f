import Testing

/// A Socket.IO client on a WebSocket.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestClient: @unchecked Sendable {
    /// Why there is no next packet.
    enum Failure: Error, Equatable {
        case timedOut
        /// The connection is over, with this code of the server's close frame.
        case ended(code: Int?)
    }

    struct Options {
        var answersPings = true
        /// Engine.IO packets that are sent at once, behind the request that opens the session.
        var packets: [String] = []
        /// Bytes that the kernel keeps for the client, in each direction.
        var kernelBuffers: Int?
    }

    private let machine = TestMachine.current
    private let connection: TestConnection
    private let answersPings: Bool
    private var unparsed: [UInt8] = []
    private var isUpgraded = false
    /// The packets that have come and were not taken.
    private var packets: [String] = []
    private var takenCount = 0
    private var failure: Failure?

    /// How many pings have come.
    private(set) var pings = 0

    /// Opens a session and waits for its open packet.
    init(port: UInt16, options: Options = Options()) async throws {
        connection = try TestConnection(port: port, buffers: options.kernelBuffers)
        answersPings = options.answersPings
        connection.received = { [unowned self] in received($0) }
        connection.ended = { [unowned self] in ended(code: nil) }
        connection.send(
            Array(
                """
                GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """.utf8) + options.packets.flatMap { ClientFrames.text($0) })
        try #require(try await next().hasPrefix("0{"))
    }

    deinit {
        connection.received = { _ in }
        connection.ended = {}
    }

    // MARK: Reading

    private func received(_ bytes: ArraySlice<UInt8>) {
        unparsed += bytes
        var start = 0
        if !isUpgraded {
            guard let headEnd = unparsed.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            isUpgraded = true
            start = headEnd.upperBound
        }
        while let message = ClientFrames.take(from: unparsed, at: &start) { receive(message) }
        unparsed.removeFirst(start)
    }

    private func receive(_ message: ClientFrames.Message) {
        switch message {
        case .text("2"):
            pings += 1
            if answersPings { send(packet: "3") }
        case .text(let text): packets.append(text)
        case .binary(let bytes): packets.append("binary \(bytes)")
        case .close(let code):
            ended(code: code)
            connection.close()
        }
    }

    private func ended(code: Int?) {
        if failure == nil { failure = .ended(code: code) }
    }

    /// Whether the client takes what the server sends.
    func setReading(_ isReading: Bool) { connection.isReading = isReading }

    /// The next packet, Engine.IO type included, such as `42["event"]`. Binary messages are `binary [1, 2]`.
    func next() async throws -> String {
        await machine.wait(.seconds(60)) { [self] in takenCount < packets.count || failure != nil }
        guard takenCount < packets.count else { throw failure ?? .timedOut }
        takenCount += 1
        return packets[takenCount - 1]
    }

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
            } catch Failure.ended(let code) {
                return code
            }
        }
    }

    // MARK: Sending

    /// How many bytes the kernel has taken.
    var sentCount: Int { connection.sentCount }

    /// How many bytes were to be sent.
    var queuedCount: Int { connection.queuedCount }

    /// Sends bytes as they are.
    func send(frames: some Sequence<UInt8>) { connection.send(frames) }

    /// Sends an Engine.IO packet as it is.
    func send(packet: String) { send(frames: ClientFrames.text(packet)) }

    /// Sends a Socket.IO packet, such as `2["event"]`.
    func send(_ packet: String) { send(packet: "4" + packet) }

    /// Sends several Socket.IO packets so that they arrive together.
    func send(_ packets: [String]) {
        machine.kernel.splitsBytes = false
        send(frames: packets.flatMap { ClientFrames.text("4" + $0) })
    }

    func send(binary bytes: [UInt8]) { send(frames: ClientFrames.frame(opcode: 2, bytes)) }

    /// Ends the connection without a word.
    func close() { connection.close() }

    /// Ends the connection with a reset.
    func reset() { connection.reset() }

    /// Ends the connection as a client that closes its WebSocket properly.
    func closeWebSocket() { send(frames: ClientFrames.frame(opcode: 8, [0x03, 0xE8])) }
}
