import Testing

/// A Socket.IO client on a WebSocket.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestClient: @unchecked Sendable {
    /// The reason why there is no next packet.
    enum Failure: Error, Equatable {
        case timedOut
        /// The connection ended, with the code of the server's close frame if there was one.
        case ended(code: Int?)
    }

    struct Options {
        var answersPings = true
        /// Engine.IO packets to send together with the request that opens the session.
        var packets: [String] = []
        var address = "127.0.0.1"
        /// The size of the client's kernel buffers in each direction, in bytes.
        var kernelBuffers: Int?
    }

    private let machine = TestMachine.current
    private let connection: TestConnection
    private let answersPings: Bool
    private var unparsed: [UInt8] = []
    private var isUpgraded = false
    /// All received packets.
    private var packets: [String] = []
    /// The number of packets that ``next()`` has returned.
    private var takenCount = 0
    private var failure: Failure?

    /// The number of received pings.
    private(set) var pings = 0

    /// Opens a session and waits for its open packet.
    init(port: UInt16, options: Options = Options()) async throws {
        connection = try TestConnection(port: port, from: options.address, buffers: options.kernelBuffers)
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

    /// Starts or stops reading from the connection.
    func setReading(_ isReading: Bool) { connection.isReading = isReading }

    /// The next packet, including the Engine.IO type, such as `42["event"]`. Binary messages are `binary [1, 2]`.
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

    /// Waits for the connection's end and discards packets before it.
    /// - Returns: The code of the server's close frame; nil if there was none.
    func end() async throws -> Int? {
        while true {
            do {
                _ = try await next()
            } catch Failure.ended(let code) {
                return code
            }
        }
    }

    // MARK: Joining

    /// Joins a namespace.
    /// - Returns: The id of the socket.
    @discardableResult
    func join(_ namespace: String = "", auth: String = "") async throws -> String {
        send("0" + (namespace.isEmpty ? "" : namespace + ",") + auth)
        let reply = try await next()
        let prefix = "40" + (namespace.isEmpty ? "" : namespace + ",") + #"{"sid":""#
        try #require(reply.hasPrefix(prefix) && reply.hasSuffix(#""}"#), "\(reply)")
        return String(reply.dropFirst(prefix.count).dropLast(2))
    }

    // MARK: Sending

    /// The number of bytes that the kernel has accepted.
    var sentCount: Int { connection.sentCount }

    /// The total number of bytes queued for sending.
    var queuedCount: Int { connection.queuedCount }

    /// Sends raw bytes.
    func send(frames: some Sequence<UInt8>) { connection.send(frames) }

    /// Sends an Engine.IO packet.
    func send(packet: String) { send(frames: ClientFrames.text(packet)) }

    /// Sends a Socket.IO packet, such as `2["event"]`.
    func send(_ packet: String) { send(packet: "4" + packet) }

    /// Sends several Socket.IO packets so that they arrive together.
    func send(_ packets: [String]) {
        machine.kernel.splitsBytes = false
        send(frames: packets.flatMap { ClientFrames.text("4" + $0) })
    }

    func send(binary bytes: [UInt8]) { send(frames: ClientFrames.frame(opcode: 2, bytes)) }

    /// Closes the connection without a close frame.
    func close() { connection.close() }

    /// Resets the connection.
    func reset() { connection.reset() }

    /// Sends a close frame with code 1000.
    func closeWebSocket() { send(frames: ClientFrames.frame(opcode: 8, [0x03, 0xE8])) }
}
