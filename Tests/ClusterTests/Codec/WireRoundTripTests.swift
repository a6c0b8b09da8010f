import Actors
import Testing

@testable import Cluster

@Suite("Codec: what goes over a link comes out as it went in")
struct WireRoundTripTests {
    @Test("operations of every case, with empty, extreme and missing fields")
    func operations() throws {
        for operation in try CodecSamples.operations() { try expectRoundTrip(operation) }
    }

    @Test("items of every case, with empty, extreme and missing fields")
    func items() throws {
        for item in try CodecSamples.items() { try expectRoundTrip(item) }
    }

    @Test("values at random", arguments: 1...4 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var generator = CodecGenerator(seed: seed)
        for _ in 0..<100 {
            try expectRoundTrip(try generator.operation())
            try expectRoundTrip(try generator.item())
        }
    }

    @Test("many in one body come in their order")
    func order() throws {
        let operations = try CodecSamples.operations()
        let body = WireWriter.bytes { writer in for operation in operations { writer.append(operation) } }
        #expect(try decodedOperations(body[...]).map { "\($0)" } == operations.map { "\($0)" })
        #expect(try decodedOperations([]).isEmpty, "none is a body too")
    }

    @Test("the hub's terms", arguments: ["", "AbCd_-09", "ä"], [true, false])
    func terms(epoch: String, keepsSessions: Bool) throws {
        let terms = HubTerms(epoch: epoch, keepsSessions: keepsSessions)
        var reader = WireReader(WireWriter.bytes { $0.append(terms) }[...])
        #expect(try reader.welcome() == terms)
        try reader.finish()
    }

    /// A value's description has all of its fields.
    private func expectRoundTrip(_ operation: Operation) throws {
        let body = WireWriter.bytes { $0.append(operation) }
        #expect(try decodedOperations(body[...]).map { "\($0)" } == ["\(operation)"])
    }

    private func expectRoundTrip(_ item: StreamItem) throws {
        let body = WireWriter.bytes { $0.append(item) }
        #expect(try decodedItems(body[...]).map { "\($0)" } == ["\(item)"])
    }
}
