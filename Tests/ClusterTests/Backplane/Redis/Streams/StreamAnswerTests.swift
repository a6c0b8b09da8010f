import Testing
import Transport

@testable import Cluster

@Suite("The answers to commands for a stream, and what waits for entries")
struct StreamAnswerTests {
    private func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

    private var entries: RESPValue {
        .array([
            .array([bulk("5-0"), .array([bulk("uid"), bulk("a")])]), .array([bulk("5-1"), .null]),
            .array([bulk("6-0"), .array([])]),
        ])
    }

    @Test("entries in both versions of the protocol; one that was deleted has no content")
    func read() {
        let expected = [
            StreamCommands.Entry(id: EntryID(milliseconds: 5, sequence: 0), fields: [Array("uid".utf8), [0x61]]),
            StreamCommands.Entry(id: EntryID(milliseconds: 6, sequence: 0), fields: []),
        ]
        #expect(StreamCommands.entries(inRead: .array([.array([bulk("s"), entries])])) == expected)
        #expect(StreamCommands.entries(inRead: .map([bulk("s"), entries])) == expected)
        #expect(StreamCommands.entries(inRead: .null) == [])
    }

    @Test("everything else is malformed")
    func malformed() {
        let answers: [RESPValue] = [
            .integer(1), .array([]), .array([bulk("s")]), .map([bulk("s")]), .map([bulk("s"), .integer(1)]),
            .map([bulk("s"), .array([.integer(1)])]), .map([bulk("s"), .array([.array([bulk("x"), .array([])])])]),
        ]
        for answer in answers { #expect(StreamCommands.entries(inRead: answer) == nil) }
    }

    @Test("what the server and the stream tell")
    func facts() throws {
        let info = bulk("# Server\r\nrun_id:abc\r\nother:1\r\nmaster_replid:def\r\n")
        let stream = RESPValue.map([bulk("last-generated-id"), bulk("7-2"), bulk("entries-added"), .integer(9)])
        let facts = try StreamCommands.facts(server: .success(info), stream: .success(stream))
        #expect(facts.last == EntryID(milliseconds: 7, sequence: 2) && facts.added == 9 && facts.run != nil)
        let none = RedisError(prefix: "ERR", message: "no such key")
        let denied = RedisError(prefix: "NOPERM", message: "no")
        let empty = try StreamCommands.facts(server: .failure(denied), stream: .failure(none))
        #expect(empty == StreamReading.Facts())
        #expect(throws: denied) { try StreamCommands.facts(server: .success(info), stream: .failure(denied)) }
    }

    @Test("a question waits for the entries that its asker had added, a second at most")
    func held() {
        var held = HeldQuestions()
        let (question, now) = (BackplaneQuestion.rooms(namespace: "/"), ContinuousClock.now)
        let place = EntryID(milliseconds: 5, sequence: 0)
        func hold(_ after: EntryID?, _ request: String) -> Bool {
            let asker = BackplaneAsker(node: "n", namespace: "/", request: request)
            return held.hold(question, asker, after: after, at: place, now: now)
        }
        func ready(at place: EntryID, after time: Duration) -> [String] {
            held.takeReady(at: place, now: now + time).map(\.asker.request)
        }
        #expect(!hold(nil, "a") && !hold(place, "b"))
        #expect(hold(EntryID(milliseconds: 6, sequence: 0), "c") && hold(EntryID(milliseconds: 9, sequence: 0), "d"))
        #expect(ready(at: place, after: .zero) == [])
        let next = EntryID(milliseconds: 6, sequence: 0)
        #expect(ready(at: next, after: .zero) == ["c"])
        #expect(ready(at: next, after: .seconds(1)) == ["d"])
        #expect(held.isEmpty)
        for number in 0..<2000 { _ = hold(EntryID(milliseconds: 9, sequence: 0), "\(number)") }
        #expect(ready(at: next, after: .seconds(1)).count == 1000)
    }

    @Test("messages between servers like this one")
    func ownEntries() throws {
        let stamp = EventStamp(node: "node", number: 3, row: nil)
        let marker = StreamEntry.ownFields(Marker(stamp).encoded, in: "/chat", node: "node")
        #expect(try StreamEntry(marker) == .own(namespace: "/chat", stamp, nil))
        let message = HostMessage(.cut([QuestionName(host: "h", number: 1)]), in: "/chat")
        let fields = StreamEntry.ownFields(message.encoded(stamp), in: "/chat", node: "node")
        #expect(try StreamEntry(fields) == .own(namespace: "/chat", stamp, message))
        #expect(throws: FormatError.self) { try StreamEntry(StreamEntry.ownFields([1, 2, 3], in: "/", node: "n")) }
        #expect(throws: FormatError.self) { try StreamEntry([]) }
        let long = StreamEntry.ownFields(Marker(stamp).encoded, in: String(repeating: "x", count: 5000), node: "n")
        #expect(throws: FormatError.self) { try StreamEntry(long) }
    }
}
