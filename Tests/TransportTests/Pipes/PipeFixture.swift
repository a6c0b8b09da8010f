import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// A pipe on its own loop, and the other side's ends, which tests use directly.
actor PipeFixture {
    /// Records the events of a pipe.
    final class Handler: PipeHandler {
        fileprivate(set) var bytes: [UInt8] = []
        fileprivate(set) var acceptedCount = 0
        fileprivate(set) var endedCount = 0
        /// The number of bytes read before the end.
        fileprivate(set) var countAtEnd: Int?
        var onRead: ((Int) -> Void)?

        func pipeRead(_ read: RawSpan) {
            read.withUnsafeBytes { bytes.append(contentsOf: $0) }
            onRead?(read.byteCount)
        }

        func pipeEnded() {
            endedCount += 1
            countAtEnd = bytes.count
        }

        func pipeAccepted() { acceptedCount += 1 }
    }

    nonisolated let loop: EventLoop
    private nonisolated let other: PipePair.Ends
    private nonisolated let otherOpen: Mutex<Set<CInt>>
    let pipe: PipePair
    let handler = Handler()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    static func run(_ test: (PipeFixture) async throws -> Void) async throws {
        let fixture = try PipeFixture()
        try await fixture.start()
        do {
            try await test(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    private init() throws {
        loop = try EventLoop.start(name: "pipe")
        let ends = try PipePair.makeEnds()
        other = ends.1
        otherOpen = Mutex([other.reading, other.writing])
        pipe = PipePair(ends.0, on: loop)
    }

    private func start() throws { try pipe.open(for: handler) }

    private func end() {
        pipe.close()
        closeOther()
        loop.stop()
    }

    // MARK: On the loop

    var acceptedCount: Int { handler.acceptedCount }
    var endedCount: Int { handler.endedCount }
    var countAtEnd: Int? { handler.countAtEnd }
    var received: [UInt8] { handler.bytes }
    var pendingBytes: Int { pipe.pendingBytes }
    var isStalled: Bool { pipe.stalledSince != nil }

    func send(_ pieces: [[UInt8]]) {
        for piece in pieces { pipe.send(piece) }
    }

    /// Runs work on the loop before it polls the pipes again.
    func onLoop<Value: Sendable>(_ work: @Sendable (PipePair, Handler) throws -> Value) rethrows -> Value {
        try work(pipe, handler)
    }

    // MARK: The other side

    /// Reads until `count` bytes have arrived, or the end. Blocks no thread, because other tests need them.
    nonisolated func read(_ count: Int) async throws -> [UInt8] {
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 64 << 10))
        while bytes.count < count {
            try await eventually { Self.isReadable(other.reading) }
            let found = Glibc.read(other.reading, &buffer, min(buffer.count, count - bytes.count))
            guard found > 0 else { break }
            bytes += buffer.prefix(found)
        }
        return bytes
    }

    nonisolated func write(_ bytes: [UInt8]) throws {
        try #require(Glibc.write(other.writing, bytes, bytes.count) == bytes.count)
    }

    nonisolated func closeOther() {
        closeOtherReading()
        closeOtherWriting()
    }

    nonisolated func closeOtherReading() { close(other.reading) }

    nonisolated func closeOtherWriting() { close(other.writing) }

    private nonisolated func close(_ descriptor: CInt) {
        if otherOpen.withLock({ $0.remove(descriptor) }) != nil { Glibc.close(descriptor) }
    }

    private static func isReadable(_ descriptor: CInt) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1
    }
}
