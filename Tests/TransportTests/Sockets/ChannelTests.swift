import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite("Channel: unread output waits in the channel's queue, not in the kernel", .timeLimit(.minutes(1)))
struct ChannelTests {
    private static let much = 8 << 20

    @Test("the kernel accepts little more than the peer has room for, and the rest stays queued")
    func kernelShare() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await eventually { await fixture.pendingBytes < Self.much }
            // The limit of unsent bytes, one write, and the bytes that the peer's window had room for.
            #expect(await fixture.unacknowledgedBytes < 512 << 10)
            #expect(await fixture.pendingBytes > Self.much - (1 << 20))
        }
    }

    @Test("output continues as the peer reads, and counts as acknowledged")
    func writable() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            var count = 0
            while count < Self.much / 2 {
                if case .bytes(let more) = try await fixture.read(1 << 16) { count += more }
            }
            let (pending, acknowledged) = try await fixture.onLoop { ($0.pendingBytes, $0.acknowledgedBytes) }
            #expect(acknowledged >= count)
            #expect(pending <= Self.much - count)
            while count < Self.much {
                if case .bytes(let more) = try await fixture.read(1 << 16) { count += more }
            }
            try await eventually { await fixture.acknowledgedBytes == Self.much }
            #expect(await fixture.pendingBytes == 0)
        }
    }

    @Test("a reset ends the connection at once and discards the kernel's bytes")
    func reset() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await fixture.onLoop { $0.reset() }
            let (count, end) = try await fixture.readToEnd()
            #expect(end == .reset)
            #expect(count < 1 << 20)
            #expect(await fixture.openCount == 0)
        }
    }

    @Test("closing after a flush delivers the whole queue to a peer that reads")
    func closeAfterFlush() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await fixture.onLoop { $0.closeAfterFlush() }
            let (count, end) = try await fixture.readToEnd()
            #expect(count == Self.much && end == .end)
        }
    }

    @Test("after one linger period, closing resets a peer that has read nothing")
    func lingerWithoutProgress() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            let start = ContinuousClock.now
            try await fixture.onLoop { $0.closeAfterFlush() }
            try await fixture.waitForReset()
            #expect(ContinuousClock.now - start >= Limits().linger - .milliseconds(10))
            #expect(await fixture.openCount == 0)
        }
    }

    @Test("a peer that shuts down its side and does not read is reset, and the handler is notified at the shutdown")
    func abandoned() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await eventually { await fixture.unacknowledgedBytes > 0 }
            shutdown(fixture.peer, CInt(SHUT_WR))
            try await eventually { await fixture.endedCount == 1 }
            #expect(await fixture.openCount == 0)
            #expect(await fixture.heldCount == 1, "it counts for the limits")
            try await fixture.waitForReset()
            try await eventually { await fixture.heldCount == 0 }
        }
    }
}
