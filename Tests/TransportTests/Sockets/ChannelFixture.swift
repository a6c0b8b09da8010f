import Glibc
import TestSupport
import Testing

@testable import Transport

/// A channel on its own loop, and its peer's socket, which tests use directly.
actor ChannelFixture {
    /// Records the events of a channel.
    final class Handler: ChannelHandler {
        fileprivate(set) var ends: [ChannelEnd] = []
        fileprivate(set) var drainedCount = 0

        func channelRead(_ bytes: RawSpan) {}
        func channelEnded(_ end: ChannelEnd) { ends.append(end) }
        func channelDrained() { drainedCount += 1 }
    }

    nonisolated let loop: EventLoop
    /// The peer's socket.
    nonisolated let peer: CInt
    private let descriptor: CInt
    private let openChannels = OpenCount()
    private var channel: Channel?
    private let handler = Handler()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    static func run(receiveBuffer: CInt? = nil, _ test: (ChannelFixture) async throws -> Void) async throws {
        let fixture = try ChannelFixture(receiveBuffer: receiveBuffer)
        try await fixture.start()
        do {
            try await test(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    private init(receiveBuffer: CInt?) throws {
        loop = try EventLoop.start(name: "channel")
        let listener = try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
        defer { listener.close() }
        peer = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        let peer = peer
        try #require(listener.address.withSockaddr { Glibc.connect(peer, $0, $1) } == 0)
        descriptor = try LinuxMachine.shared.accept(from: listener.descriptor).descriptor
    }

    private func start() throws {
        let channel = Channel(accepted: descriptor, loop: loop, openChannels: openChannels)
        try channel.open(for: handler)
        self.channel = channel
    }

    private func end() {
        channel?.close()
        Glibc.close(peer)
        loop.stop()
    }

    // MARK: On the loop

    var openCount: Int { openChannels.open }
    var heldCount: Int { openChannels.held }
    var endedCount: Int { handler.ends.count }
    var pendingBytes: Int { channel?.pendingBytes ?? 0 }
    var acknowledgedBytes: Int { channel?.acknowledgedBytes ?? 0 }
    /// The number of bytes that the kernel holds.
    var unacknowledgedBytes: Int { channel.map { $0.queuedBytes - $0.pendingBytes - $0.acknowledgedBytes } ?? 0 }

    func send(_ count: Int) { channel?.send([UInt8](repeating: 7, count: count)) }

    /// Runs work with the channel on the loop, without interruption.
    func onLoop<Value: Sendable>(_ work: @Sendable (Channel) throws -> Value) throws -> Value {
        try work(try #require(channel))
    }

    // MARK: The peer

    enum Arrival: Equatable {
        case bytes(Int)
        case end
        case reset
    }

    /// Reads at most `limit` bytes once, as soon as bytes are available. Does not block a thread.
    nonisolated func read(_ limit: Int) async throws -> Arrival {
        var buffer = [UInt8](repeating: 0, count: limit)
        var (count, failure) = (-1, CInt(0))
        try await eventually {
            count = recv(peer, &buffer, limit, CInt(MSG_DONTWAIT))
            failure = errno
            return count >= 0 || failure != EAGAIN
        }
        if count < 0, failure == ECONNRESET { return .reset }
        try #require(count >= 0)
        return count == 0 ? .end : .bytes(count)
    }

    /// Reads until the end, and returns the number of bytes and the kind of end. It reads on a thread of its own,
    /// because the connection would be reset if the peer did not read for long.
    nonisolated func readToEnd() async throws -> (count: Int, end: Arrival) {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try Thread.start(name: "peer") { [peer] in continuation.resume(returning: Self.readToEnd(of: peer)) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func readToEnd(of peer: CInt) -> (count: Int, end: Arrival) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while true {
            let count = recv(peer, &buffer, buffer.count, 0)
            guard count > 0 else { return (total, count == 0 ? .end : .reset) }
            total += count
        }
    }

    /// Waits until the connection is reset, without reading.
    nonisolated func waitForReset() async throws {
        try await eventually {
            var (error, size) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
            getsockopt(peer, SOL_SOCKET, SO_ERROR, &error, &size)
            return error == ECONNRESET
        }
    }
}
