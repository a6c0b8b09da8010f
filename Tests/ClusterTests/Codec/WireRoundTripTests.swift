import Actors
import Testing

@testable import Cluster

@Suite("Codec: decodes every value to what was encoded")
struct WireRoundTripTests {
    @Test("requests of every case survive encoding and decoding, with empty, extreme and missing fields")
    func requests() throws {
        for request in try CodecSamples.requests() { try expectRoundTrip(request) }
    }

    @Test("events of every case survive encoding and decoding, with empty, extreme and missing fields")
    func events() throws {
        for event in try CodecSamples.events() { try expectRoundTrip(event) }
    }

    @Test("random values survive encoding and decoding", arguments: 1...4 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var generator = CodecGenerator(seed: seed)
        for _ in 0..<100 {
            try expectRoundTrip(try generator.hubRequest())
            try expectRoundTrip(try generator.hubEvent())
        }
    }

    @Test("the requests of one body keep their order")
    func order() throws {
        let requests = try CodecSamples.requests()
        let body = WireWriter.bytes { writer in for request in requests { writer.append(request) } }
        #expect(try decodedRequests(body[...]).map { "\($0)" } == requests.map { "\($0)" })
        #expect(try decodedRequests([]).isEmpty, "an empty body is valid")
    }

    @Test("the hub's terms survive encoding and decoding", arguments: ["", "AbCd_-09", "ä"], [true, false])
    func terms(epoch: String, keepsSessions: Bool) throws {
        let terms = HubTerms(epoch: epoch, keepsSessions: keepsSessions, sharesPositions: !keepsSessions)
        var reader = WireReader(WireWriter.bytes { $0.append(terms) }[...])
        #expect(try reader.welcome() == terms)
        try reader.finish()
    }

    /// Compares descriptions, which contain all fields of a value.
    private func expectRoundTrip(_ request: HubRequest) throws {
        let body = WireWriter.bytes { $0.append(request) }
        #expect(try decodedRequests(body[...]).map { "\($0)" } == ["\(request)"])
    }

    private func expectRoundTrip(_ event: HubEvent) throws {
        let body = WireWriter.bytes { $0.append(event) }
        #expect(try decodedEvents(body[...]).map { "\($0)" } == ["\(event)"])
    }
}
