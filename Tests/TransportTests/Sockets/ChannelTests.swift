import Glibc
import Testing

@testable import Transport

@Suite("Channel: what a peer has not taken waits here, not in the kernel", .timeLimit(.minutes(1)))
struct ChannelTests {
    private static let much = 8 << 20

    @Test("the kernel takes little more than the peer does; the rest is the backlog")
    func kernelShare() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await eventually { await fixture.pendingBytes < Self.much }
            // As much as a socket may have unsent, one piece of output, and what its peer's window has had room for.
            #expect(await fixture.unacknowledgedBytes < 512 << 10)
            #expect(await fixture.pendingBytes > Self.much - (1 << 20))
        }
    }

    @Test("what the peer takes is written on, and counts as acknowledged")
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

    @Test("a reset ends the connection at once, for the kernel too")
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

    @Test("closing behind what is queued brings all of it to a reader")
    func closeAfterFlush() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await fixture.onLoop { $0.closeAfterFlush() }
            let (count, end) = try await fixture.readToEnd()
            #expect(count == Self.much && end == .end)
        }
    }

    @Test("closing towards a peer that takes nothing ends in a reset after one term")
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

    @Test("a peer that has ended its side and takes nothing is reset too; the handler has heard of its end at once")
    func abandoned() async throws {
        try await ChannelFixture.run(receiveBuffer: 64 << 10) { fixture in
            await fixture.send(Self.much)
            try await eventually { await fixture.unacknowledgedBytes > 0 }
            shutdown(fixture.peer, CInt(SHUT_WR))
            try await eventually { await fixture.endedCount == 1 }
            #expect(await fixture.openCount == 0)
            try await fixture.waitForReset()
        }
    }
}
