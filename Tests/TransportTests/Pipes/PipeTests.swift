import TestSupport
import Testing

@testable import Transport

@Suite("Pipe: bytes arrive in order, and neither process waits for the other", .timeLimit(.minutes(1)))
struct PipeTests {
    /// A sequence of bytes whose period is not a power of two.
    private static func bytes(_ count: Int) -> [UInt8] {
        let pattern = Array(0...250 as ClosedRange<UInt8>)
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += pattern.prefix(count - bytes.count) }
        return bytes
    }

    @Test("bytes that fit are accepted at once")
    func fits() async throws {
        try await PipeFixture.run { fixture in
            await fixture.send([[1, 2], [], [3]])
            #expect(await fixture.pendingBytes == 0)
            #expect(await fixture.acceptedCount == 2)
            let bytes = try await fixture.read(3)
            #expect(bytes == [1, 2, 3])
        }
    }

    @Test("bytes that do not fit wait in order, and are reported as accepted once all are")
    func queues() async throws {
        let bytes = Self.bytes(3 << 20)
        let cuts = [0, 1, 200_000, 900_000, 900_007, 2_000_000, bytes.count]
        let pieces = zip(cuts, cuts.dropFirst()).map { Array(bytes[$0..<$1]) }
        try await PipeFixture.run { fixture in
            await fixture.send(pieces)
            let pending = await fixture.pendingBytes
            #expect(pending >= 2 << 20 && pending < bytes.count)
            #expect(await fixture.isStalled)
            let accepted = await fixture.acceptedCount
            let first = try await fixture.read(pending / 2)
            #expect(await fixture.acceptedCount == accepted, "some bytes still wait")
            let rest = try await fixture.read(bytes.count - first.count)
            #expect(first + rest == bytes)
            try await eventually { await fixture.acceptedCount == accepted + 1 }
            #expect(await fixture.pendingBytes == 0)
            #expect(await !fixture.isStalled)
        }
    }

    @Test("a stall begins anew whenever bytes were accepted")
    func stall() async throws {
        try await PipeFixture.run { fixture in
            await fixture.send([Self.bytes(2 << 20)])
            let (since, pending) = await fixture.onLoop { pipe, _ in (pipe.stalledSince, pipe.pendingBytes) }
            _ = try await fixture.read(1 << 20)
            try await eventually { await fixture.pendingBytes <= pending - 1 << 19 }
            let renewed = try #require(await fixture.onLoop { pipe, _ in pipe.stalledSince })
            let first = try #require(since)
            #expect(renewed > first)
        }
    }

    @Test("a million small pieces are queued and written in linear time")
    func manySmall() async throws {
        let (count, piece) = (1_500_000, Self.bytes(13))
        try await PipeFixture.run { fixture in
            await fixture.onLoop { pipe, _ in for _ in 0..<count { pipe.send(piece) } }
            let bytes = try await fixture.read(count * piece.count)
            #expect(bytes.count == count * piece.count && bytes.suffix(13) == piece[...])
            try await eventually { await fixture.pendingBytes == 0 }
        }
    }

    @Test("the end is reported once, after all bytes")
    func end() async throws {
        let bytes = Self.bytes(200_000)
        try await PipeFixture.run { fixture in
            // While the loop is busy, all bytes and the end accumulate in the pipe.
            try await fixture.onLoop { _, _ in
                try fixture.write(bytes)
                fixture.closeOther()
            }
            try await eventually { await fixture.endedCount == 1 }
            #expect(await fixture.countAtEnd == bytes.count)
            #expect(await fixture.received == bytes)
            #expect(await fixture.onLoop { pipe, _ in !pipe.isOpen })
            await fixture.send([[1]])
            #expect(await fixture.pendingBytes == 0, "a closed pipe queues nothing")
        }
    }

    @Test("a side that has stopped reading may still write, and bytes for it stay queued")
    func halfClosed() async throws {
        try await PipeFixture.run { fixture in
            fixture.closeOtherReading()
            await fixture.send([[1, 2, 3]])
            try fixture.write([7])
            try await eventually { await fixture.received == [7] }
            await fixture.send([[4]])
            #expect(await fixture.pendingBytes == 4)
            #expect(await fixture.isStalled)
            #expect(await fixture.endedCount == 0)
            fixture.closeOtherWriting()
            try await eventually { await fixture.endedCount == 1 }
        }
    }

    @Test("all available bytes and the end can be read within one call")
    func readAvailable() async throws {
        let bytes = Self.bytes(200_000)
        try await PipeFixture.run { fixture in
            let count = try await fixture.onLoop { pipe, handler in
                try fixture.write(bytes)
                pipe.readAvailable()
                return handler.bytes.count
            }
            #expect(count == bytes.count)
            await fixture.onLoop { pipe, _ in
                fixture.closeOther()
                pipe.readAvailable()
            }
            #expect(await fixture.endedCount == 1)
        }
    }

    @Test("one call reads a bounded number of bytes, even if the other side writes as fast as it is read")
    func bounded() async throws {
        try await PipeFixture.run { fixture in
            let count = try await fixture.onLoop { pipe, handler in
                handler.onRead = { count in try? fixture.write(Self.bytes(count)) }
                try fixture.write(Self.bytes(100_000))
                pipe.readAvailable()
                handler.onRead = nil
                return handler.bytes.count
            }
            #expect(count >= 256 << 10 && count <= 256 << 10 + Limits().read)
        }
    }

    @Test("closing notifies only the other side, after the accepted bytes")
    func close() async throws {
        try await PipeFixture.run { fixture in
            await fixture.send([[1]])
            await fixture.onLoop { pipe, _ in
                pipe.close()
                pipe.close()
                pipe.readAvailable()
            }
            let bytes = try await fixture.read(2)
            #expect(bytes == [1], "accepted bytes arrive before the end")
            #expect(await fixture.endedCount == 0)
        }
    }
}
