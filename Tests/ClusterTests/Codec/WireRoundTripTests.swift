import Actors
import Testing

@testable import Cluster

@Suite("Codec: what goes over a link comes out as it went in")
struct WireRoundTripTests {
    @Test("requests of every case, with empty, extreme and missing fields")
    func requests() throws {
        for request in try CodecSamples.requests() { try expectRoundTrip(request) }
    }

    @Test("events of every case, with empty, extreme and missing fields")
    func events() throws {
        for event in try CodecSamples.events() { try expectRoundTrip(event) }
    }

    @Test("values at random", arguments: 1...4 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var generator = CodecGenerator(seed: seed)
        for _ in 0..<100 {
            try expectRoundTrip(try generator.hubRequest())
            try expectRoundTrip(try generator.hubEvent())
        }
    }

    @Test("many in one body come in their order")
    func order() throws {
        let requests = try CodecSamples.requests()
        let body = WireWriter.bytes { writer in for request in requests { writer.append(request) } }
        #expect(try decodedRequests(body[...]).map { "\($0)" } == requests.map { "\($0)" })
        #expect(try decodedRequests([]).isEmpty, "none is a body too")
    }

    @Test("the hub's terms", arguments: ["", "AbCd_-09", "ä"], [true, false])
    func terms(epoch: String, keepsSessions: Bool) throws {
        let terms = HubTerms(epoch: epoch, keepsSessions: keepsSessions)
        var reader = WireReader(WireWriter.bytes { $0.append(terms) }[...])
        #expect(try reader.welcome() == terms)
        try reader.finish()
    }

    /// A value's description has all of its fields.
    private func expectRoundTrip(_ request: HubRequest) throws {
        let body = WireWriter.bytes { $0.append(request) }
        #expect(try decodedRequests(body[...]).map { "\($0)" } == ["\(request)"])
    }

    private func expectRoundTrip(_ event: HubEvent) throws {
        let body = WireWriter.bytes { $0.append(event) }
        #expect(try decodedEvents(body[...]).map { "\($0)" } == ["\(event)"])
    }
}
