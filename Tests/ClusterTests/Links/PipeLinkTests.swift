import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Pipe link: the hub's end, from the hello to the end of the link")
struct PipeLinkTests {
    @Test("a hello is answered with the hub's terms, and requests with the ordered events")
    func welcome() async throws {
        try await LinkedHub.run { fixture in
            let worker = try await fixture.connect()
            try worker.peer.write(worker.peer.frame(.hello) { $0.append(Hello()) })
            let frame = try #require(try await worker.peer.next())
            var reader = WireReader(frame.body)
            let terms = try reader.welcome()
            #expect(frame.kind == .welcome && terms == HubTerms(epoch: "e", keepsSessions: true))
            try worker.peer.write(worker.peer.frame(.register("A"), .emit("x", by: "A")))
            #expect(try await worker.peer.nextEvents(3) == ["A registered @0", "event x @1", "A emitted"])
        }
    }

    @Test("serving is reported, and commands are sent to the worker")
    func commands() async throws {
        try await LinkedHub.run { fixture in
            let worker = try await fixture.join("A")
            try worker.peer.write(worker.peer.frame(.serving))
            try await eventually { worker.notes.all == ["serving"] }
            await worker.link.askForReport()
            await worker.link.stop()
            var kinds: [FrameKind] = []
            while kinds.last != .stop {
                let frame = try #require(try await worker.peer.next())
                if frame.kind != .ping { kinds.append(frame.kind) }
                #expect(frame.body.isEmpty)
            }
            #expect(kinds == [.report, .stop])
        }
    }

    @Test("a worker is asked for its metrics after its hello, and its answer is reported")
    func metrics() async throws {
        try await LinkedHub.run { fixture in
            let stranger = try await fixture.connect()
            #expect(await !stranger.link.measure())
            let worker = try await fixture.join("A")
            #expect(await worker.link.measure())
            var kind = try await worker.peer.next()?.kind
            while kind == .ping { kind = try await worker.peer.next()?.kind }
            #expect(kind == .measure)
            try worker.peer.write(worker.peer.frame(.metrics) { $0.append(CodecSamples.metrics) })
            try await eventually { worker.notes.all == ["measured \(CodecSamples.metrics.sorted.count) values"] }
        }
    }

    @Test("complete frames before the end are handled, and an incomplete last frame is not")
    func torn() async throws {
        try await LinkedHub.run { fixture in
            let (worker, witness) = (try await fixture.join("A"), try await fixture.join("W"))
            let whole = worker.peer.frame(try .emit("whole", by: "A"))
            let torn = worker.peer.frame(try .emit("torn", by: "A"))
            try worker.peer.write(whole + torn.dropLast())
            worker.peer.close()
            try await eventually { worker.notes.all == ["ended: \(LinkEnd.endOfFile)"] }
            try witness.peer.write(witness.peer.frame(.emit("x")))
            #expect(try await witness.peer.nextEvents(2) == ["event whole @1", "event x @2"])
            #expect(await fixture.hub.status.lostSessions == 1)
        }
    }

    @Test("frames that a worker wrote before its end are handled, and the end is reported once")
    func closed() async throws {
        try await LinkedHub.run { fixture in
            let (worker, witness) = (try await fixture.join("A"), try await fixture.join("W"))
            let bytes = worker.peer.frame(try .emit("late", by: "A"))
            try await fixture.onLoop {
                try worker.peer.write(bytes)
                worker.link.assumeIsolated { $0.finish() }
                worker.link.assumeIsolated { $0.finish() }
            }
            try witness.peer.write(witness.peer.frame(.emit("x")))
            #expect(try await witness.peer.nextEvents(2) == ["event late @1", "event x @2"])
            #expect(worker.notes.all == ["ended: \(LinkEnd.endOfFile)"])
            while let frame = try await worker.peer.next() { #expect(frame.kind == .ping || frame.kind == .events) }
        }
    }

    @Test("a worker that violates the protocol loses its link, and others do not", arguments: LinkOffence.all)
    func offence(_ offence: LinkOffence) async throws {
        try await LinkedHub.run { fixture in
            let witness = try await fixture.join("W")
            let worker = try await offence.isGreeted ? fixture.join("A") : fixture.connect()
            let bytes = offence.bytes(worker.peer)
            try worker.peer.write(bytes + worker.peer.frame(.emit("after it")))
            try await eventually { !worker.notes.all.isEmpty }
            #expect(worker.notes.all == ["ended: the other side violated the protocol: \(offence.reason)"])
            let status = await fixture.hub.status
            #expect(status.sessions == 1 && status.lostSessions == (offence.isGreeted ? 1 : 0))
            try witness.peer.write(witness.peer.frame(.emit("x"), .claim("A", nil)))
            let answer = offence.isGreeted ? "A/1 back from 0 @1: x@1" : "refused"
            #expect(try await witness.peer.nextEvents(2) == ["event x @1", answer])
            #expect(witness.notes.all.isEmpty)
        }
    }
}
