import Actors
import Synchronization

/// A WebSocket of a test's client, from the request to the end.
final class ClientConnection: MemoryClient {
    /// Receives what arrives. Called on the server's thread.
    struct Receiver: Sendable {
        let opened: @Sendable (ClientConnection) -> Void
        let packet: @Sendable (ServerPacket, ClientConnection) -> Void
        let failed: @Sendable (any Error, ClientConnection) -> Void
        let ended: @Sendable (ClientConnection) -> Void
    }

    private struct State {
        var descriptor: CInt?
        var response = ResponseParser()
        var frames = ServerFrames()
        var isUpgraded = false
        var hasEnded = false
        /// A packet whose attachments have not all arrived.
        var unfinished: (text: [UInt8], missing: Int, attachments: [[UInt8]])?
    }

    private enum Arrival {
        case opened
        case packet(ServerPacket)
        case failed(any Error)
        case ping
        case closed
    }

    private let machine: MemoryMachine
    private let receiver: Receiver
    private let state = Mutex(State())

    init(on machine: MemoryMachine, _ receiver: Receiver) {
        self.machine = machine
        self.receiver = receiver
    }

    /// Connects and asks for a WebSocket.
    /// - Throws: ``TestError/connectionEnded`` if the server does not listen any more.
    func open(to listener: CInt, target: String, headers: [(name: String, value: String)]) throws {
        guard let descriptor = machine.connect(self, to: listener) else { throw TestError.connectionEnded }
        state.withLock { $0.descriptor = descriptor }
        let upgrade = [
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        machine.send(HTTPText.request("GET", target, headers: upgrade + headers), from: descriptor)
    }

    // MARK: Sending

    func send(_ packet: ClientPacket) {
        var frames = ClientFrame.encode(packet.text, isText: true)
        for attachment in packet.attachments { frames += ClientFrame.encode(attachment, isText: false) }
        send(frames: frames)
    }

    /// Sends one text message.
    func send(text: String) {
        send(frames: ClientFrame.encode(Array(text.utf8), isText: true))
    }

    private func send(frames: [UInt8]) {
        if let descriptor { machine.send(frames, from: descriptor) }
    }

    /// Ends the connection after what was sent.
    func close() {
        if let descriptor { machine.end(descriptor) }
    }

    func reset() {
        if let descriptor { machine.resetByClient(descriptor) }
    }

    func setHeld(_ isHeld: Bool) {
        if let descriptor { machine.setHeld(isHeld, descriptor) }
    }

    private var descriptor: CInt? { state.withLock { $0.descriptor } }

    // MARK: Receiving

    func received(_ bytes: [UInt8]) {
        for arrival in state.withLock({ Self.arrivals(of: bytes, &$0) }) {
            switch arrival {
            case .opened: receiver.opened(self)
            case .packet(let packet): receiver.packet(packet, self)
            case .failed(let error): receiver.failed(error, self)
            case .ping: send(text: "3")
            case .closed: end()
            }
        }
    }

    func connectionEnded() { end() }

    private func end() {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        close()
        receiver.ended(self)
    }

    private static func arrivals(of bytes: [UInt8], _ state: inout State) -> [Arrival] {
        var bytes = bytes
        if !state.isUpgraded {
            guard let response = state.response.receive(bytes) else { return [] }
            guard response.status == 101 else { return [.failed(TestError.refused(response)), .closed] }
            state.isUpgraded = true
            bytes = state.response.rest
        }
        return state.frames.receive(bytes).compactMap { arrival(of: $0, &state) }
    }

    private static func arrival(of frame: ServerFrames.Frame, _ state: inout State) -> Arrival? {
        switch frame {
        case .close: return .closed
        case .binary(let attachment):
            state.unfinished?.attachments.append(attachment)
            state.unfinished?.missing -= 1
            return finish(&state)
        case .text(let text):
            switch text.first {
            case UInt8(ascii: "0"): return .opened
            case UInt8(ascii: "1"): return .closed
            case UInt8(ascii: "2"): return .ping
            case UInt8(ascii: "4"): return begin(Array(text.dropFirst()), &state)
            default: return nil
            }
        }
    }

    private static func begin(_ text: [UInt8], _ state: inout State) -> Arrival? {
        do {
            state.unfinished = (text, try ServerPacketHeader(text).attachmentCount, [])
            return finish(&state)
        } catch {
            return .failed(error)
        }
    }

    private static func finish(_ state: inout State) -> Arrival? {
        guard let (text, missing, attachments) = state.unfinished, missing == 0 else { return nil }
        state.unfinished = nil
        do {
            return .packet(try ServerPacket(text, attachments: attachments))
        } catch {
            return .failed(error)
        }
    }
}
