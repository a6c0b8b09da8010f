import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Frame pipe: a peer that does not read is evicted")
struct FramePipeTests {
    /// Records the calls of a frame pipe in words.
    final class Handler: FrameHandler, Sendable {
        private let words = Mutex<[String]>([])

        var all: [String] { words.withLock { $0 } }

        private func add(_ word: String) { words.withLock { $0.append(word) } }

        func received(_ frame: FrameDecoder.Frame) { add("\(frame.kind)") }
        func accepted() { add("accepted") }
        func evicted(_ reason: LinkEnd) { add("evicted: \(reason)") }
        func ended(_ end: LinkEnd) { add("ended: \(end)") }
        func loopEnded() { add("the loop has ended") }
    }

    /// One side of a link on a loop, and a peer that the test controls.
    actor Side {
        nonisolated let loop: EventLoop
        nonisolated let peer: LinkPeer
        nonisolated let handler = Handler()
        private let pipe: FramePipe

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(patience: Duration) throws {
            loop = try EventLoop.start(name: "side")
            let (ends, others) = try PipePair.makeEnds()
            peer = LinkPeer(others)
            pipe = FramePipe(PipePair(ends, on: loop), on: loop, patience: patience)
        }

        deinit { loop.stop() }

        func start() throws { try pipe.start(handler) }

        func send(bytes count: Int) {
            pipe.send(pipe.encoder.frame(.events) { $0.append(raw: [UInt8](repeating: 0, count: count)) })
        }

        var pendingBytes: Int { pipe.pendingBytes }
    }

    @Test("a peer that reads nothing is evicted once and sent nothing more; its frames still arrive")
    func stall() async throws {
        let side = try Side(patience: .milliseconds(50))
        try await side.start()
        await side.send(bytes: 1 << 20)
        try await eventually { !side.handler.all.isEmpty }
        let pending = await side.pendingBytes
        await side.send(bytes: 10)
        #expect(await side.pendingBytes == pending)
        try side.peer.write(side.peer.frame(.pong))
        side.peer.close()
        try await eventually { side.handler.all.count == 3 }
        #expect(side.handler.all == ["evicted: \(LinkEnd.stalled)", "pong", "ended: \(LinkEnd.endOfFile)"])
    }

    @Test("a peer is evicted when its queue exceeds 64 MiB")
    func overflow() async throws {
        let side = try Side(patience: LinkedHub.longPatience)
        try await side.start()
        for _ in 0..<63 { await side.send(bytes: 1 << 20) }
        #expect(side.handler.all.isEmpty)
        await side.send(bytes: 2 << 20)
        #expect(side.handler.all == ["evicted: more than 64 MiB are queued for the other side"])
    }

    @Test("a peer that has read everything is not evicted")
    func idle() async throws {
        let side = try Side(patience: .milliseconds(20))
        try await side.start()
        await side.send(bytes: 10)
        // A second pipe with the same patience starts later. When its peer is evicted, the first has had its time too.
        let stalled = try Side(patience: .milliseconds(20))
        try await stalled.start()
        await stalled.send(bytes: 1 << 20)
        try await eventually { !stalled.handler.all.isEmpty }
        #expect(side.handler.all == ["accepted"])
    }
}
