import Actors
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster
@testable import Transport

@Suite("Worker link: the worker's end of the pipes")
struct WorkerLinkTests {
    @Test("it says hello and is open with the answer, which has the hub's terms")
    func opens() async throws {
        try await LinkedWorker.run { fixture in
            #expect(fixture.link.terms == HubTerms(epoch: "e", keepsSessions: true))
            #expect(fixture.link.history == nil)
        }
    }

    @Test("requests go over, and what the hub ordered comes back")
    func exchanges() async throws {
        try await LinkedWorker.run { fixture in
            await fixture.submit([try .join("A", "r"), try .emit("x")])
            await fixture.link.serving()
            let frame = try #require(try await fixture.hub.next())
            #expect(try frame.kind == .requests && decodedRequests(frame.body).count == 2)
            #expect(try await fixture.hub.next()?.kind == .serving)
            let id = try SessionID("A" as Character)
            try fixture.hub.write(
                fixture.hub.frame(.events) {
                    $0.append(HubEvent.joined(id, room: "r"))
                    $0.append(HubEvent.broadcast(.event("x"), position: 1))
                })
            try await eventually { fixture.receiver.words == ["A joined r", "event x @1"] }
        }
    }

    @Test("pings are answered, commands are told")
    func commands() async throws {
        try await LinkedWorker.run { fixture in
            for kind in [FrameKind.report, .ping, .stop] { try fixture.hub.write(fixture.hub.frame(kind)) }
            #expect(try await fixture.hub.next()?.kind == .pong)
            try await eventually { fixture.notes.all == ["report", "stop"] }
        }
    }

    @Test("what a hub does not send ends the link, once", arguments: LinkedWorker.Offence.all)
    func offence(_ offence: LinkedWorker.Offence) async throws {
        try await LinkedWorker.run { fixture in
            let frame = fixture.hub.frame(offence.kind) { $0.append(raw: offence.body) }
            try fixture.hub.write(frame + fixture.hub.frame(.report))
            fixture.hub.close()
            try await eventually { !fixture.notes.all.isEmpty }
            #expect(fixture.notes.all == ["ended: its link is corrupt: \(offence.reason)"])
        }
    }

    @Test("the end is told once, behind everything that came before it; what is submitted then goes nowhere")
    func end() async throws {
        try await LinkedWorker.run { fixture in
            let event = HubEvent.joined(try SessionID("A" as Character), room: "r")
            try fixture.hub.write(fixture.hub.frame(.events) { $0.append(event) })
            fixture.hub.close()
            try await eventually { !fixture.notes.all.isEmpty }
            #expect(fixture.receiver.words == ["A joined r"])
            await fixture.submit([try .emit("x")])
            await fixture.link.serving()
            #expect(fixture.notes.all == ["ended: it ended"])
        }
    }

    @Test("a hub of another version, one that sends events first, and one that is gone are not opened")
    func refused() async throws {
        let version = WireWriter.bytes { $0.append(9 as UInt16) }
        let cases: [(FrameKind?, [UInt8], String)] = [
            (.welcome, version, "its link is corrupt: badVersion(9)"),
            (.events, [], "its link is corrupt: unexpectedFrame"),
            (nil, [], "it ended"),
        ]
        for (kind, body, reason) in cases {
            let fixture = try LinkedWorker()
            defer { fixture.loop.stop() }
            async let opened: Void = fixture.link.open()
            #expect(try await fixture.hub.next()?.kind == .hello)
            if let kind { try fixture.hub.write(fixture.hub.frame(kind) { $0.append(raw: body) }) }
            fixture.hub.close()
            do {
                try await opened
                Issue.record("it was opened")
            } catch {
                #expect("\(error)" == reason)
            }
            #expect(fixture.notes.all == ["ended: \(reason)"])
        }
    }

    @Test("clients are told nothing while the hub has not taken what was submitted before")
    func pausesConnections() async throws {
        try await LinkedWorker.run { fixture in
            let request = try HubRequest.emit(String(repeating: "x", count: 1 << 20))
            await fixture.onLoop { loop in
                fixture.link.submit([request])
                loop.atEndOfTurn(.write, LinkedWorker.Write(fixture.notes))
            }
            // Each of these is another turn of the loop.
            for _ in 0..<3 { await fixture.onLoop { loop in #expect(loop.connectionsArePaused) } }
            #expect(fixture.notes.all.isEmpty)
            #expect(try await fixture.hub.next()?.body.count ?? 0 > 1 << 20)
            try await eventually { fixture.notes.all == ["written"] }
            await fixture.onLoop { loop in #expect(!loop.connectionsArePaused) }
        }
    }

    @Test("a hub that takes nothing ends the link, and what it has not heard of stays held")
    func stall() async throws {
        try await LinkedWorker.run(patience: .milliseconds(50)) { fixture in
            await fixture.submit([try .emit(String(repeating: "x", count: 1 << 20))])
            try await eventually { fixture.notes.all == ["ended: it has read nothing for 10.0 seconds"] }
            await fixture.onLoop { loop in #expect(loop.connectionsArePaused) }
        }
    }

    @Test("one whose loop stops while it is opened does not wait for ever")
    func loopStops() async throws {
        let (ends, others) = try PipePair.makeEnds()
        defer { others.close() }
        let loop = try EventLoop.start(name: "worker")
        let link = WorkerLink(ends, on: loop, history: nil)
        let opened = Task { try await link.open() }
        // It has said hello, and nobody answers.
        try await eventually {
            var request = pollfd(fd: others.reading, events: Int16(POLLIN), revents: 0)
            return poll(&request, 1, 0) == 1
        }
        loop.stop()
        await #expect(throws: LinkEnd.self) { try await opened.value }
    }
}
