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
    @Test("the link sends a hello and opens with the welcome, which has the hub's terms")
    func opens() async throws {
        try await LinkedWorker.run { fixture in
            #expect(fixture.link.terms == HubTerms(epoch: "e", keepsSessions: true))
            #expect(fixture.link.history == nil)
        }
    }

    @Test("requests are sent, and the ordered events are received")
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

    @Test("events that arrive before the server has started are kept, up to a limit, and come first")
    func earlyEvents() async throws {
        let fixture = try LinkedWorker()
        defer { fixture.loop.stop() }
        async let opened: Void = fixture.link.open()
        #expect(try await fixture.hub.next()?.kind == .hello)
        let terms = HubTerms(epoch: "e", keepsSessions: true)
        try fixture.hub.write(fixture.hub.frame(.welcome) { $0.append(terms) })
        try fixture.hub.write(
            fixture.hub.frame(.events) { writer in
                for number in 0..<1030 { writer.append(HubEvent.serverEvent(.event("\(number)"))) }
                writer.append(HubEvent.inquired(7, .servers(.event("lost"))))
            })
        let answer = try #require(try await fixture.hub.next())
        #expect(answer.kind == .requests)
        var reader = WireReader(answer.body)
        if case .answer(let report) = try reader.hubRequest() {
            #expect(report == InquiryReport(number: 7, state: .incomplete), "the question is not kept")
        } else {
            Issue.record("not an answer")
        }
        // The pong proves that the events have arrived.
        try fixture.hub.write(fixture.hub.frame(.ping))
        #expect(try await fixture.hub.next()?.kind == .pong)
        try await opened
        await fixture.attach()
        let id = try SessionID("A" as Character)
        try fixture.hub.write(fixture.hub.frame(.events) { $0.append(HubEvent.joined(id, room: "r")) })
        try await eventually { fixture.receiver.words.last == "A joined r" }
        #expect(fixture.receiver.words.dropLast() == (0..<1024).map { "server event \($0)" })
    }

    @Test("pings are answered, and commands are reported")
    func commands() async throws {
        try await LinkedWorker.run { fixture in
            for kind in [FrameKind.report, .ping, .stop] { try fixture.hub.write(fixture.hub.frame(kind)) }
            #expect(try await fixture.hub.next()?.kind == .pong)
            try await eventually { fixture.notes.all == ["report", "stop"] }
        }
    }

    @Test("a worker sends its metrics when it is asked")
    func metrics() async throws {
        try await LinkedWorker.run { fixture in
            try fixture.hub.write(fixture.hub.frame(.measure))
            try await eventually { fixture.notes.all == ["measure"] }
            await fixture.link.send(CodecSamples.metrics)
            let frame = try #require(try await fixture.hub.next())
            #expect(frame.kind == .metrics)
            var reader = WireReader(frame.body)
            #expect(try reader.metricSamples() == CodecSamples.metrics)
            try reader.finish()
        }
    }

    @Test("a frame that a hub must not send ends the link once", arguments: LinkedWorker.Offence.all)
    func offence(_ offence: LinkedWorker.Offence) async throws {
        try await LinkedWorker.run { fixture in
            let frame = fixture.hub.frame(offence.kind) { $0.append(raw: offence.body) }
            try fixture.hub.write(frame + fixture.hub.frame(.report))
            fixture.hub.close()
            try await eventually { !fixture.notes.all.isEmpty }
            #expect(fixture.notes.all == ["ended: the other side violated the protocol: \(offence.reason)"])
        }
    }

    @Test("the end is reported once, after all earlier events; later requests are dropped")
    func end() async throws {
        try await LinkedWorker.run { fixture in
            let event = HubEvent.joined(try SessionID("A" as Character), room: "r")
            try fixture.hub.write(fixture.hub.frame(.events) { $0.append(event) })
            fixture.hub.close()
            try await eventually { !fixture.notes.all.isEmpty }
            #expect(fixture.receiver.words == ["A joined r"])
            await fixture.submit([try .emit("x")])
            await fixture.link.serving()
            #expect(fixture.notes.all == ["ended: \(LinkEnd.endOfFile)"])
        }
    }

    @Test("opening fails if the hub has another version, sends events first, or closes the link")
    func refused() async throws {
        let version = WireWriter.bytes { $0.append(FrameFormat.version + 1) }
        let cases: [(FrameKind?, [UInt8], String)] = [
            (.welcome, version, "the other side violated the protocol: protocol version 16 instead of 15"),
            (.events, [], "the other side violated the protocol: an unexpected frame"),
            (nil, [], "the other side closed it"),
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
                Issue.record("the link opened")
            } catch {
                #expect("\(error)" == reason)
            }
            #expect(fixture.notes.all == ["ended: \(reason)"])
        }
    }

    @Test("connections are paused until the pipe has accepted all requests")
    func pausesConnections() async throws {
        try await LinkedWorker.run { fixture in
            let request = try HubRequest.emit(String(repeating: "x", count: 1 << 20))
            await fixture.onLoop { loop in
                fixture.link.submit([request])
                loop.atEndOfTurn(.write, LinkedWorker.Write(fixture.notes))
            }
            // Each iteration is another turn of the loop.
            for _ in 0..<3 { await fixture.onLoop { loop in #expect(loop.connectionsArePaused) } }
            #expect(fixture.notes.all.isEmpty)
            #expect(try await fixture.hub.next()?.body.count ?? 0 > 1 << 20)
            try await eventually { fixture.notes.all == ["written"] }
            await fixture.onLoop { loop in #expect(!loop.connectionsArePaused) }
        }
    }

    @Test("a hub that reads nothing ends the link, and connections stay paused")
    func stall() async throws {
        try await LinkedWorker.run(patience: .milliseconds(50)) { fixture in
            await fixture.submit([try .emit(String(repeating: "x", count: 1 << 20))])
            try await eventually { fixture.notes.all == ["ended: the other side has read nothing for 10.0 seconds"] }
            await fixture.onLoop { loop in #expect(loop.connectionsArePaused) }
        }
    }

    @Test("opening fails if the loop stops meanwhile")
    func loopStops() async throws {
        let (ends, others) = try PipePair.makeEnds()
        defer { others.close() }
        let loop = try EventLoop.start(name: "worker")
        let link = WorkerLink(ends, on: loop, history: nil)
        let opened = Task { try await link.open() }
        // Wait for the hello. The test does not answer it.
        try await eventually {
            var request = pollfd(fd: others.reading, events: Int16(POLLIN), revents: 0)
            return poll(&request, 1, 0) == 1
        }
        loop.stop()
        await #expect(throws: LinkEnd.self) { try await opened.value }
    }
}
