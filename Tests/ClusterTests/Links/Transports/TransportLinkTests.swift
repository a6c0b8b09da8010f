import Actors
import Synchronization
import TestSupport
import Testing

@testable import Cluster
@testable import Transport

@Suite("Link over a transport")
struct TransportLinkTests {
    struct Broken: Error, CustomStringConvertible {
        let description = "the tunnel collapsed"
    }

    @Test("requests and events arrive however the stream cuts them", arguments: [1, 2, 7, 64, 4096])
    func pieces(size: Int) async throws {
        try await RemoteHub.run { fixture in
            let (first, second) = (
                try await fixture.join("A", pieceSize: size), try await fixture.join("B", pieceSize: size)
            )
            let text = String(repeating: "x", count: 1000)
            try await first.submit(.join("A", "r"), .emit(text, by: "A"), .emit("y", to: ["r"], by: "A"))
            try await first.received([
                "A registered @0", "A joined r", "event \(text) @1", "A emitted", "event y @2", "A emitted",
            ])
            try await second.received(["B registered @0", "event \(text) @1"])
        }
    }

    @Test("the end of the stream ends both sides, and the sessions can be claimed", arguments: [true, false])
    func ends(atHub: Bool) async throws {
        try await RemoteHub.run { fixture in
            let (lost, other) = (try await fixture.join("A"), try await fixture.join("B"))
            if atHub { lost.hubTransport.end() } else { lost.transport.end() }
            try await eventually { !lost.notes.all.isEmpty && !lost.hubNotes.all.isEmpty }
            #expect(lost.notes.all == ["\(LinkEnd.endOfFile)"])
            #expect(lost.hubNotes.all == ["\(LinkEnd.endOfFile)"])
            try await other.submit(.claim("A", nil))
            try await other.received(["B registered @0", "A/1 back from 0 @0:"])
            #expect(other.notes.all.isEmpty)
        }
    }

    @Test("a failure of the transport is the reason that the side reports")
    func fails() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A")
            side.transport.end(Broken())
            try await eventually { !side.notes.all.isEmpty && !side.hubNotes.all.isEmpty }
            #expect(side.notes.all == ["its transport failed: the tunnel collapsed"])
            #expect(side.hubNotes.all == ["\(LinkEnd.endOfFile)"])
        }
    }

    @Test("a worker that leaves is not told of the end; the hub keeps its sessions")
    func leaves() async throws {
        try await RemoteHub.run { fixture in
            let (left, other) = (try await fixture.join("A"), try await fixture.join("B"))
            await left.link.close()
            await left.link.close()
            try await left.submit(.emit("x", by: "A"))
            try await eventually { left.hubNotes.all == ["\(LinkEnd.endOfFile)"] }
            try await other.submit(.claim("A", nil))
            try await other.received(["B registered @0", "A/1 back from 0 @0:"])
            #expect(left.notes.all.isEmpty)
        }
    }

    @Test("a stream on which nothing arrives any more ends both sides")
    func dead() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A", patience: .milliseconds(100))
            side.transport.hold()
            side.hubTransport.hold()
            try await eventually { !side.notes.all.isEmpty && !side.hubNotes.all.isEmpty }
            #expect(side.notes.all == ["\(LinkEnd.silent)"] && side.hubNotes.all == ["\(LinkEnd.silent)"])
            #expect(await fixture.hub.status.lostSessions == 1)
        }
    }

    @Test("a quiet link stays open, because the hub's pings are answered")
    func quiet() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A", patience: .milliseconds(300))
            let dead = try await fixture.join("B", patience: .milliseconds(300))
            dead.transport.hold()
            // The other link ends after the time in which the quiet one could have ended too.
            try await eventually { !dead.hubNotes.all.isEmpty }
            #expect(side.notes.all.isEmpty && side.hubNotes.all.isEmpty)
        }
    }

    @Test("a stream without a hello ends, even if other bytes arrive")
    func noHello() async throws {
        try await RemoteHub.run { fixture in
            let side = try fixture.makeSide(patience: .milliseconds(100))
            await side.connect(to: fixture.hub)
            // The length of a frame, then its content byte by byte, without an end.
            side.hubTransport.inject([64, 0, 0, 0])
            var count = 0
            try await eventually {
                count += 1
                if count % 20 == 0 { side.hubTransport.inject([0]) }
                return side.hubNotes.all == ["\(LinkEnd.silent)"]
            }
        }
    }

    @Test("a hub that does not answer the hello is an error of open")
    func noWelcome() async throws {
        let (transport, other) = MemoryTransport.makePair()
        let side = try RemoteSide(over: transport, from: other, patience: .milliseconds(100))
        await #expect(throws: LinkEnd.self) { try await side.link.open() }
        #expect(side.notes.all == ["\(LinkEnd.silent)"])
    }

    @Test("garbage ends the link and no other link")
    func garbage() async throws {
        try await RemoteHub.run { fixture in
            let (side, other) = (try await fixture.join("A"), try await fixture.join("B"))
            side.hubTransport.inject([255, 255, 255, 255])
            try await eventually { !side.hubNotes.all.isEmpty && !side.notes.all.isEmpty }
            #expect(side.hubNotes.all.first?.hasPrefix("the other side violated the protocol: a frame length") == true)
            try await other.submit(.emit("x", by: "B"))
            try await other.received(["B registered @0", "event x @1", "B emitted"])
        }
    }

    @Test("garbage from the hub ends the worker's side")
    func garbageFromHub() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A")
            side.transport.inject([0, 0, 0, 0])
            try await eventually { side.notes.all.count == 1 && side.hubNotes.all == ["\(LinkEnd.endOfFile)"] }
            #expect(side.notes.all.first?.hasPrefix("the other side violated the protocol") == true)
        }
    }

    @Test("a transport that accepts nothing ends the link; until then the worker's connections are paused")
    func stalled() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A", patience: .milliseconds(200))
            side.transport.refuse()
            try await side.submit(.emit("x", by: "A"))
            #expect(await side.onLoop { $0.connectionsArePaused })
            try await eventually { !side.notes.all.isEmpty }
            // The worker sends no pongs either, so the hub may notice the silence first.
            #expect([["\(LinkEnd.stalled)"], ["\(LinkEnd.endOfFile)"]].contains(side.notes.all))
        }
    }

    @Test("more input than the loop can handle ends the link")
    func flood() async throws {
        try await RemoteHub.run { fixture in
            let side = try await fixture.join("A")
            // The frame never ends, so only the queue of the loop grows.
            let bytes = [UInt8](repeating: 0, count: 1 << 20)
            await side.onLoop { _ in
                for _ in 0..<66 { side.transport.inject(bytes) }
            }
            try await eventually { !side.notes.all.isEmpty && !side.hubNotes.all.isEmpty }
            #expect(side.notes.all.count == 1)
        }
    }
}
