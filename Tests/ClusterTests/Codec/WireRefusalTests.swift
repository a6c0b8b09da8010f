import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Codec: rejects a body that no encoder writes")
struct WireRefusalTests {
    /// Short encoded values of every case, so that each can be truncated at every byte.
    private static func bodies() throws -> (requests: [[UInt8]], events: [[UInt8]]) {
        let requests = try CodecSamples.requests().map { request in WireWriter.bytes { $0.append(request) } }
        let events = try CodecSamples.events().map { event in WireWriter.bytes { $0.append(event) } }
        return (requests.filter { $0.count < 1000 }, events.filter { $0.count < 1000 })
    }

    @Test("a request truncated at any byte is rejected")
    func truncatedRequests() throws {
        let bodies = try Self.bodies().requests
        #expect(Set(bodies.map { $0[0] }) == Set(1...18))
        for body in bodies {
            for count in 1..<body.count {
                #expect(throws: CodecError.self) { try decodedRequests(body[..<count]) }
            }
        }
    }

    @Test("an event truncated at any byte is rejected")
    func truncatedEvents() throws {
        let bodies = try Self.bodies().events
        #expect(Set(bodies.map { $0[0] }) == Set(1...22))
        for body in bodies {
            for count in 1..<body.count {
                #expect(throws: CodecError.self) { try decodedEvents(body[..<count]) }
            }
        }
    }

    @Test("an unknown tag is rejected, in a request and in an event", arguments: [0, 19, 255] as [UInt8])
    func unknownTag(tag: UInt8) {
        #expect(throws: CodecError.badValue) { try decodedRequests([tag]) }
        #expect(throws: CodecError.badValue) { try decodedEvents([tag == 19 ? 23 : tag]) }
    }

    @Test("a flag that is neither 0 nor 1 is rejected", arguments: [2, 255] as [UInt8])
    func flag(value: UInt8) throws {
        var body = WireWriter.bytes { [key = try SessionKey("A")] in $0.append(HubRequest.unregister(key, isKept: true))
        }
        body[body.count - 1] = value
        #expect(throws: CodecError.badValue) { try decodedRequests(body[...]) }
    }

    @Test(
        "a text that is not UTF-8 is rejected",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func text(bytes: [UInt8]) throws {
        let body = WireWriter.bytes { [key = try SessionKey("A")] in
            $0.append(5 as UInt8)
            $0.append(key)
            $0.append(bytes)
        }
        #expect(throws: CodecError.badValue) { try decodedRequests(body[...]) }
    }

    @Test(
        "data that is not exactly one JSON value is rejected",
        arguments: ["", "x", "[", "1 2", " 1", "1\n", "[01]", String(repeating: "[", count: 600)])
    func json(text: String) {
        #expect(throws: CodecError.badValue) { try decodedData(Array(text.utf8)) }
    }

    @Test("data that is not UTF-8 is rejected, even if its quotes match")
    func jsonEncoding() throws {
        #expect(try decodedData(Array("\"ä\"".utf8)).description == "\"ä\"")
        #expect(throws: CodecError.badValue) { try decodedData([0x22, 0xFF, 0x22]) }
        #expect(throws: CodecError.badValue) { try decodedData([0x22, 0xC3, 0x22]) }
    }

    @Test("an id with an invalid character is rejected")
    func id() {
        var body = [9 as UInt8] + [UInt8](repeating: UInt8(ascii: "A"), count: 20) + [0, 0, 0, 0]
        #expect(throws: Never.self) { try decodedRequests(body[...]) }
        body[20] = UInt8(ascii: "+")
        #expect(throws: CodecError.badValue) { try decodedRequests(body[...]) }
    }

    @Test("an unknown kind of change and of answer to a fetch is rejected", arguments: [0, 4, 255] as [UInt8])
    func unknownKind(tag: UInt8) {
        var change = WireWriter.bytes {
            $0.append(HubRequest.change(Self.everyone, .disconnect(close: true), sender: nil))
        }
        change[change.count - 2] = tag
        #expect(throws: CodecError.badValue) { try decodedRequests(change[...]) }
        var answer = WireWriter.bytes { $0.append(HubEvent.fetched(0, nil, .sockets([]), credit: 0)) }
        answer[answer.count - 13] = tag
        #expect(throws: CodecError.badValue) { try decodedEvents(answer[...]) }
    }

    @Test(
        "an unknown kind of recipients, of answer and of state is rejected", arguments: [0, 6, 255] as [UInt8])
    func unknownInquiryKind(tag: UInt8) {
        let event = ServerEvent(namespace: "", name: "", arguments: EncodedArguments(text: []))
        var inquired = WireWriter.bytes { $0.append(HubEvent.inquired(0, .servers(event))) }
        inquired[9] = tag
        #expect(throws: CodecError.badValue) { try decodedEvents(inquired[...]) }
        let report = InquiryReport(number: 0, answers: [.failure("")], state: .open)
        let answered = WireWriter.bytes { $0.append(HubEvent.answered(report)) }
        for position in [13, answered.count - 1] {
            var body = answered
            body[position] = tag
            #expect(throws: CodecError.badValue) { try decodedEvents(body[...]) }
        }
    }

    @Test("a count of answers that the body cannot hold is rejected before an element is read")
    func answerCount() {
        var body = WireWriter.bytes { $0.append(HubEvent.answered(InquiryReport(number: 0, state: .open))) }
        body.replaceSubrange(9..<13, with: [0xFF, 0xFF, 0xFF, 0xFF])
        body += [UInt8](repeating: 1, count: 4000)
        #expect(throws: CodecError.truncated) { try decodedEvents(body[...]) }
    }

    private static let everyone = SocketSelection(namespace: "/", rooms: [], exceptions: [])

    @Test("a count of fetched sockets that the body cannot hold is rejected before an element is read")
    func fetchedCount() {
        var answer = WireWriter.bytes { $0.append(HubEvent.fetched(0, nil, .sockets([]), credit: 0)) }
        answer.replaceSubrange(answer.count - 12..<answer.count - 8, with: [0xFF, 0xFF, 0xFF, 0xFF])
        answer += [UInt8](repeating: UInt8(ascii: "A"), count: 4000)
        #expect(throws: CodecError.truncated) { try decodedEvents(answer[...]) }
    }

    @Test("a size that does not fit into an Int is rejected")
    func size() {
        let emitted: [UInt8] = [9, 0] + [UInt8](repeating: 0xFF, count: 8)
        #expect(throws: CodecError.badValue) { try decodedEvents(emitted[...]) }
    }

    @Test("a length or a count beyond the end is rejected", arguments: [1, 1 << 20, .max] as [UInt32])
    func count(value: UInt32) {
        let body = WireWriter.bytes { $0.append(value) }
        var (texts, lists) = (WireReader(body[...]), WireReader(body[...]))
        #expect(throws: CodecError.truncated) { try texts.text() }
        #expect(throws: CodecError.truncated) { try lists.each(ofAtLeast: 1, WireReader.string) }
    }

    @Test("a count that the remaining bytes cannot hold is rejected before an element is read")
    func amplification() {
        let body = WireWriter.bytes { writer in
            writer.append(1001 as UInt32)
            writer.append(raw: [UInt8](repeating: 0, count: 4000))
        }
        var (reader, count) = (WireReader(body[...]), 0)
        #expect(throws: CodecError.truncated) {
            try reader.each(ofAtLeast: 4) { reader throws(CodecError) in
                count += 1
                return try reader.text()
            }
        }
        #expect(count == 0)
    }

    @Test("bytes after the last value are rejected")
    func trailing() throws {
        var reader = WireReader([0, 7])
        #expect(throws: CodecError.trailingBytes) { try reader.finish() }
        #expect(try reader.bool() == false)
        #expect(throws: CodecError.trailingBytes) { try reader.finish() }
    }

    private func decodedData(_ bytes: [UInt8]) throws(CodecError) -> JSONText {
        var reader = WireReader(WireWriter.bytes { $0.append(bytes) }[...])
        return try reader.json()
    }
}
