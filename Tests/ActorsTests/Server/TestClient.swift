import Glibc
import Synchronization
import Testing

@testable import Transport

/// A Socket.IO client on a WebSocket. A thread of its own reads; tests await what it has read.
final class TestClient: Sendable {
    struct Options {
        var answersPings = true
        /// Bytes that the kernel keeps for the client, in each direction.
        var kernelBuffers: Int?
    }

    /// Why there is nothing to await.
    enum Failure: Error, Equatable {
        case timedOut
        /// The connection is over, with this code of the server's close frame.
        case ended(code: Int?)
    }

    private struct State {
        var inbox: [String] = []
        var taken = 0
        var end: Failure?
        var waiter: (continuation: CheckedContinuation<Void, Never>, deadline: ContinuousClock.Instant)?
        var isReading = true
    }

    private let socket: ClientSocket
    private let options: Options
    private let state = Mutex(State())
    private let sending = Mutex(())

    /// Opens a session and waits for its open packet.
    init(port: UInt16, options: Options = Options()) async throws {
        socket = try ClientSocket(port: port, kernelBuffers: options.kernelBuffers)
        self.options = options
        socket.send(
            Array(
                """
                GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
                Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """.utf8))
        try Thread.start(name: "client") { [self] in readAll() }
        try #require(try await next().hasPrefix("0{"))
    }

    // MARK: Reading, on the client's thread

    private func readAll() {
        var bytes: [UInt8] = []
        var start = 0
        var isUpgraded = false
        while true {
            wake(ifLate: .now)
            guard state.withLock({ $0.isReading }) else {
                usleep(2000)
                continue
            }
            switch socket.read() {
            case .nothing: continue
            case .end: return end(.ended(code: nil))
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
        case .text("2") where options.answersPings: send(packet: "3")
        case .text(let text): deliver(text)
        case .binary(let bytes): deliver("binary \(bytes)")
        case .close(let code): end(.ended(code: code))
        }
    }

    private func deliver(_ text: String) {
        let waiter = state.withLock { state in
            state.inbox.append(text)
            return state.waiter.take()
        }
        waiter?.continuation.resume()
    }

    private func end(_ failure: Failure) {
        let waiter = state.withLock { state in
            if state.end == nil { state.end = failure }
            return state.waiter.take()
        }
        waiter?.continuation.resume()
        if case .ended(code: .some) = failure { socket.shutDown() }
    }

    private func wake(ifLate now: ContinuousClock.Instant) {
        let late = state.withLock { state in
            guard let waiter = state.waiter, waiter.deadline <= now else {
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter.continuation
        }
        late?.resume()
    }

    // MARK: For tests

    /// Whether the client takes what the server sends.
    func setReading(_ isReading: Bool) {
        state.withLock { $0.isReading = isReading }
    }

    /// Sends an Engine.IO packet as it is.
    func send(packet: String) {
        sending.withLock { _ in _ = socket.send(ClientFrames.text(packet)) }
    }

    /// Sends a Socket.IO packet, such as `2["event"]`.
    func send(_ packet: String) { send(packet: "4" + packet) }

    func send(binary bytes: [UInt8]) {
        sending.withLock { _ in _ = socket.send(ClientFrames.frame(opcode: 2, bytes)) }
    }

    /// Sends several Socket.IO packets so that they arrive together.
    func send(_ packets: [String]) {
        sending.withLock { _ in _ = socket.send(packets.flatMap { ClientFrames.text("4" + $0) }) }
    }

    /// How far a flood has come.
    final class Flood: Sendable {
        fileprivate let count = Atomic<Int>(0)

        /// How many packets the kernel has taken.
        var sent: Int { count.load(ordering: .relaxed) }
    }

    /// Sends Socket.IO packets from a thread of their own, which waits whenever the server does not read.
    func flood(_ packets: [String]) throws -> Flood {
        let flood = Flood()
        try Thread.start(name: "flood") { [self] in
            for packet in packets {
                send(packet)
                flood.count.add(1, ordering: .relaxed)
            }
        }
        return flood
    }

    /// The next packet, Engine.IO type included, such as `42["event"]`. Binary messages are `binary [1, 2]`.
    func next(within limit: Duration = .seconds(60)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            let found: String? = try state.withLock { state throws(Failure) in
                guard state.taken == state.inbox.count else {
                    state.taken += 1
                    return state.inbox[state.taken - 1]
                }
                if let end = state.end { throw end }
                if ContinuousClock.now >= deadline { throw Failure.timedOut }
                return nil
            }
            if let found { return found }
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.taken == state.inbox.count, state.end == nil else { return false }
                    state.waiter = (continuation, deadline)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    /// The next `count` packets.
    func next(_ count: Int) async throws -> [String] {
        var packets: [String] = []
        for _ in 0..<count { packets.append(try await next()) }
        return packets
    }

    /// Waits for the connection's end; what came before it must have been taken.
    /// - Returns: the code of the server's close frame; nil when there was none.
    func end(within limit: Duration = .seconds(60)) async throws -> Int? {
        do {
            let packet = try await next(within: limit)
            Issue.record("instead of an end: \(packet)")
            return nil
        } catch Failure.ended(let code) {
            return code
        }
    }

    /// Ends the connection without a word.
    func close() { socket.shutDown() }

    /// Ends the connection with a reset.
    func reset() { socket.reset() }

    /// Ends the connection as a client that closes its WebSocket properly.
    func closeWebSocket() {
        sending.withLock { _ in _ = socket.send(ClientFrames.frame(opcode: 8, [0x03, 0xE8])) }
    }
}
