import Actors
import Glibc
import Synchronization
import Testing
import Transport

@testable import Cluster

/// The other side of a link, which a test controls byte by byte.
final class LinkPeer: Sendable {
    private struct State {
        var encoder = FrameEncoder()
        var decoder = FrameDecoder()
        var isOpen = true
        /// Received events in words that ``nextEvents(_:)`` has not returned yet.
        var words: [String] = []
    }

    private let ends: PipePair.Ends
    private let state = Mutex(State())

    init(_ ends: PipePair.Ends) {
        self.ends = ends
    }

    deinit { close() }

    func close() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { ends.close() }
    }

    // MARK: Writing

    /// Encodes the next frame of this side.
    func frame(_ kind: FrameKind, _ write: (inout WireWriter) -> Void = { _ in }) -> [UInt8] {
        state.withLock { $0.encoder.frame(kind, write) }
    }

    func frame(_ requests: HubRequest...) -> [UInt8] {
        frame(.requests) { writer in for request in requests { writer.append(request) } }
    }

    /// Writes all bytes at once. The test fails if the pipe has no room for them.
    func write(_ bytes: [UInt8]) throws {
        try #require(Glibc.write(ends.writing, bytes, bytes.count) == bytes.count)
    }

    // MARK: Reading

    /// Waits for the next frame; nil at the end of the link.
    func next(
        until deadline: ContinuousClock.Instant = .now + .seconds(60)
    ) async throws -> FrameDecoder.Frame? {
        while true {
            if let frame = try state.withLock({ try $0.decoder.next() }) { return frame }
            let count = readOnce()
            if count == 0 { return nil }
            if count > 0 { continue }
            try #require(ContinuousClock.now < deadline, "no frame arrived in time")
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Waits for the next `count` events, in words. Answers pings meanwhile.
    func nextEvents(_ count: Int) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        while state.withLock({ $0.words.count }) < count {
            let words = state.withLock { $0.words }
            try #require(ContinuousClock.now < deadline, "no event followed \(words)")
            let frame = try #require(try await next(until: deadline), "the link ended after \(words)")
            if frame.kind == .ping {
                try write(self.frame(.pong))
            } else {
                let events = try decodedEvents(frame.body)
                state.withLock { $0.words += events.words }
            }
        }
        return state.withLock { state in
            defer { state.words.removeFirst(count) }
            return Array(state.words.prefix(count))
        }
    }

    private func readOnce() -> Int {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(ends.reading, &buffer, buffer.count)
        if count > 0 { state.withLock { $0.decoder.append(buffer[..<count]) } }
        return count
    }
}
