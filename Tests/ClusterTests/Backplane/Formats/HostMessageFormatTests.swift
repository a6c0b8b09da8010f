import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Backplane formats: messages about sessions")
struct HostMessageFormatTests {
    private static let stamp = EventStamp(node: "n", number: 3, previous: 2, row: 7)

    private static func event(_ arguments: String, _ attachments: [[UInt8]] = []) -> PositionedEvent {
        let event = EncodedEvent(
            EncodedArguments(text: Array(arguments.utf8), attachments: attachments), namespace: "/n")
        return PositionedEvent(event: event, position: 12, epoch: "e")
    }

    private static func session(_ events: [PositionedEvent], rooms: [String] = ["räume", ""]) throws -> MovingSession {
        MovingSession(
            id: try SessionID("A"), privateID: try SessionID("a" as Character), ownerEpoch: .max, group: "group",
            rooms: rooms, data: try JSONText(validating: Array(#"{"_placeholder":true,"num":0}"#.utf8)), startRow: -1,
            inherited: InheritedEvents(
                epoch: "e", position: 9, beginsWithSession: true, events: events,
                stays: [InheritedEvents.Stay(epoch: "f", position: 4)]))
    }

    private static func samples() throws -> [HostMessage.Content] {
        let name = QuestionName(host: "me", number: 4)
        let question = SessionQuestion(
            name: name, privateID: try SessionID("a" as Character), offset: "e.1.2", maxMissedBytes: 100)
        let plain = event(#""x",{"_placeholder":true,"num":0}"#)
        let binary = event(#""y",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#, [[1, 2], []])
        return [
            .ask([question, question]), .ask([]), .cut([name]), .none([name, name], host: "h", keeps: false),
            .none([name], host: "h", keeps: true),
            .give(name, try session([])), .give(name, try session([plain])),
            .give(name, try session([plain, binary, plain])),
        ]
    }

    private func read(_ bytes: [UInt8]) throws(FormatError) -> Marker {
        try Marker(bytes, namespace: "/n")
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        for content in try Self.samples() {
            let message = HostMessage(content, in: "/n")
            let read = try read(message.encoded(Self.stamp))
            #expect(read.message == message && read.stamp == Self.stamp)
        }
    }

    @Test(
        "positions keep all their bits; those of a stream need them from the year 2039 on",
        arguments: [0, 1, 1 << 62, 1 << 63 - 1, 1 << 63, 1 << 63 + 12_345, .max] as [UInt64])
    func positions(position: UInt64) throws {
        let event = EncodedEvent(EncodedArguments(text: Array(#""x""#.utf8), attachments: []), namespace: "/n")
        let session = MovingSession(
            id: try SessionID("A"), privateID: try SessionID("a" as Character), ownerEpoch: 1, group: nil, rooms: [],
            data: nil, startRow: 0,
            inherited: InheritedEvents(
                epoch: "e", position: position, beginsWithSession: false,
                events: [PositionedEvent(event: event, position: position, epoch: "e")],
                stays: [InheritedEvents.Stay(epoch: "f", position: position)]))
        let message = HostMessage(.give(QuestionName(host: "me", number: 4), session), in: "/n")
        #expect(try read(message.encoded(Self.stamp)).message == message)
    }

    @Test("a session is written like this")
    func golden() throws {
        let session = try Self.session([Self.event(#""x",1"#)], rooms: ["r"])
        let message = HostMessage(.give(QuestionName(host: "me", number: 4), session), in: "/n")
        let id = try SessionID("A").description
        let secret = try SessionID("a" as Character).description
        let text = [
            #"{"chatd":{"node":"n","number":3,"prev":2,"row":7},"version":1,"type":3,"host":"me","number":4,"#,
            #""sid":"\#(id)","pid":"\#(secret)","claims":4294967295,"group":"group","rooms":["r"],"#,
            #""data":"{\"_placeholder\":true,\"num\":0}","row":-1,"epoch":"e","position":9,"begins":true,"#,
            #""events":[{"epoch":"e","position":12,"text":"[\"x\",1]"}],"stays":[{"epoch":"f","position":4}]}"#,
        ]
        #expect(String(decoding: message.encoded(Self.stamp), as: UTF8.self) == text.joined())
    }

    @Test("more stays than a host sends are refused")
    func manyStays() throws {
        let given = HostMessage(.give(QuestionName(host: "me", number: 4), try Self.session([])), in: "/n")
        let text = String(decoding: given.encoded(Self.stamp), as: UTF8.self)
        for (count, isRead) in [(0, true), (100, true), (101, false)] {
            let stays = Array(repeating: #"{"epoch":"f","position":4}"#, count: count).joined(separator: ",")
            let changed = text.replacing(#""stays":[{"epoch":"f","position":4}]"#, with: #""stays":[\#(stays)]"#)
            let isAccepted = (try? read(Array(changed.utf8)))?.message != nil
            #expect(isAccepted == isRead)
        }
    }

    @Test("markers, and messages of a later version, say nothing but their place")
    func markers() throws {
        #expect(try read(Marker(Self.stamp).encoded).message == nil)
        let later = #"{"chatd":{"node":"n","number":3},"version":2,"type":"new"}"#
        let marker = try read(Array(later.utf8))
        #expect(marker.message == nil && marker.stamp.number == 3)
    }

    @Test(
        "a malformed message is refused",
        arguments: [
            #""type":9"#, #""type":1"#, #""type":1,"questions":[1]"#, #""type":1,"questions":[{"host":"h"}]"#,
            #""type":1,"questions":[{"host":"h","number":1,"pid":"short","limit":1}]"#,
            #""type":1,"questions":[{"host":"h","number":-1,"pid":"aaaaaaaaaaaaaaaaaaaa","limit":1}]"#,
            #""type":1,"questions":[{"host":"h","number":1,"pid":"aaaaaaaaaaaaaaaaaaaa","limit":-1}]"#,
            #""type":2,"questions":[{"number":1}]"#, #""type":3,"host":"h","number":1"#, #""type":4,"questions":[]"#,
        ])
    func malformed(members: String) {
        let text = #"{"chatd":{"node":"n","number":3},"version":1,\#(members)}"#
        #expect(throws: FormatError.self) { try read(Array(text.utf8)) }
    }

    @Test(
        "an event that clients must not get is refused",
        arguments: [
            #""text":"[1]""#, #""text":"[]""#, #""text":"[\"connect\"]""#, #""text":"[\"x\"""#, #""text":"{}""#,
            #""data":["disconnect"]"#, #""data":"x""#, #""text":7"#,
        ])
    func badEvents(event: String) throws {
        let given = HostMessage(.give(QuestionName(host: "me", number: 4), try Self.session([])), in: "/n")
        let text = String(decoding: given.encoded(Self.stamp), as: UTF8.self)
        let fine = text.replacing(#""events":[]"#, with: #""events":[{"epoch":"e","position":1,"text":"[\"x\"]"}]"#)
        #expect(try read(Array(fine.utf8)).message != nil)
        let bad = text.replacing(#""events":[]"#, with: #""events":[{"epoch":"e","position":1,\#(event)}]"#)
        #expect(bad != text)
        #expect(throws: FormatError.self) { try read(Array(bad.utf8)) }
    }

    @Test("a message that is cut, or mutated, never traps", arguments: 1...4 as ClosedRange<UInt64>)
    func hostile(seed: UInt64) throws {
        var generator = FormatGenerator(seed: seed)
        var (accepted, refused) = (0, 0)
        for content in try Self.samples() {
            let bytes = HostMessage(content, in: "/n").encoded(Self.stamp)
            for count in 0..<bytes.count { #expect(throws: FormatError.self) { try read(Array(bytes[..<count])) } }
            for _ in 0..<200 {
                do throws(FormatError) {
                    let message = try read(generator.mutate(bytes))
                    accepted += 1
                    guard let again = message.message else { continue }
                    #expect(try read(again.encoded(message.stamp)).message == again)
                } catch {
                    refused += 1
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(accepted > 50 && refused > 200, "\(accepted) \(refused)")
    }

    @Test("a session that others would refuse to read is not sent")
    func refusal() throws {
        let name = QuestionName(host: "me", number: 4)
        func refusal(_ events: [PositionedEvent], rooms: [String] = []) throws -> String? {
            BackplaneMessage.host(HostMessage(.give(name, try Self.session(events, rooms: rooms)), in: "/n")).refusal
        }
        let binary = Self.event(#""y",{"_placeholder":true,"num":0}"#, [[1]])
        #expect(try refusal(Array(repeating: binary, count: 1000)) == nil)
        #expect(try refusal(Array(repeating: binary, count: 1001)) == "more than 1000 binary values")
        #expect(try refusal([], rooms: Array(repeating: "r", count: 70_000)) == "more than 65536 rooms")
        let nesting = String(repeating: "[", count: 510) + String(repeating: "]", count: 510)
        let deep = Self.event(#""y",\#(nesting)"#)
        #expect(try refusal([deep]) == nil)
        let message = HostMessage(.give(name, try Self.session([deep])), in: "/n")
        #expect(try read(message.encoded(Self.stamp)).message == message)
        let deepBinary = Self.event(#""y",{"_placeholder":true,"num":0},\#(nesting)"#, [[1]])
        #expect(try refusal([deepBinary]) == "nested deeper than 500 levels")
        let large = Self.event(#""\#(String(repeating: "x", count: 33 << 20))""#)
        #expect(try refusal([large])?.hasPrefix("a session of ") == true)
    }
}
