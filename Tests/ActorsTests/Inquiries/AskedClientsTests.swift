import Testing
import Transport

@testable import Actors

@Suite("Asked clients: one answer from each")
struct AskedClientsTests {
    private var clients = AskedClients(maxBytes: 1000)
    private let a = SessionID.random()
    private let b = SessionID.random()
    private let asker = AskedClients.Asker.hub(1)
    private var id: UInt64 { asker.acknowledgementID }

    private func answer(_ number: Int) -> Arguments { [.json(JSONText(integer: number))] }

    private func report(_ number: Int, _ state: InquiryReport.State) -> AskedClients.Report {
        AskedClients.Report(
            asker: asker, answers: [.arguments(EncodedArguments(text: Array("\(number)".utf8)))], state: state)
    }

    @Test("each answer is reported; the last one completes the inquiry")
    mutating func answers() {
        #expect(clients.expect([a, b], for: asker, isIncomplete: false) == nil)
        #expect(clients.answered(id, by: b, answer(2)) == report(2, .open))
        #expect(clients.answered(id, by: a, answer(1)) == report(1, .complete))
        #expect(clients.isEmpty)
    }

    @Test("a second answer, an answer of another client and an answer with another id are ignored")
    mutating func stray() {
        _ = clients.expect([a, b], for: asker, isIncomplete: false)
        #expect(clients.answered(id, by: .random(), answer(1)) == nil)
        #expect(clients.answered(id + 1, by: a, answer(1)) == nil)
        #expect(clients.answered(id, by: a, answer(1)) == report(1, .open))
        #expect(clients.answered(id, by: a, answer(1)) == nil)
        #expect(!clients.isEmpty)
    }

    @Test("without clients, the inquiry ends at once", arguments: [false, true])
    mutating func nobody(isIncomplete: Bool) {
        let end = clients.expect([], for: asker, isIncomplete: isIncomplete)
        #expect(end == AskedClients.Report(asker: asker, state: isIncomplete ? .incomplete : .complete))
        #expect(clients.isEmpty)
    }

    @Test("a client that is gone makes its inquiries incomplete, and ends those where it was the last one")
    mutating func gone() {
        let other = AskedClients.Asker.local(1)
        _ = clients.expect([a, b], for: asker, isIncomplete: false)
        _ = clients.expect([a], for: other, isIncomplete: false)
        #expect(clients.clientEnded(a) == [AskedClients.Report(asker: other, state: .incomplete)])
        #expect(clients.clientEnded(a).isEmpty)
        #expect(clients.answered(id, by: a, answer(1)) == nil)
        #expect(clients.answered(id, by: b, answer(2)) == report(2, .incomplete))
    }

    @Test("answers beyond the limit end the inquiry")
    mutating func limit() {
        let size = InquiryAnswer.arguments(EncodedArguments(answer(1))).byteCount
        clients = AskedClients(maxBytes: 2 * size)
        let others = (0..<3).map { _ in SessionID.random() }
        _ = clients.expect(Set(others), for: asker, isIncomplete: false)
        #expect(clients.answered(id, by: others[0], answer(1))?.state == .open)
        #expect(clients.answered(id, by: others[1], answer(2))?.state == .open)
        #expect(clients.answered(id, by: others[2], answer(3)) == AskedClients.Report(asker: asker, state: .tooLarge))
        #expect(clients.isEmpty)
    }

    @Test("the answers and the departures of many clients take linear time", .timeLimit(.minutes(1)))
    mutating func many() {
        clients = AskedClients(maxBytes: .max)
        let others = (0..<100_000).map { _ in SessionID.random() }
        _ = clients.expect(Set(others), for: asker, isIncomplete: false)
        // Quadratic work would take longer than the limit.
        let arguments = answer(1)
        for (index, client) in others.dropLast().enumerated() {
            if index.isMultiple(of: 2) {
                _ = clients.answered(id, by: client, arguments)
            } else {
                _ = clients.clientEnded(client)
            }
        }
        #expect(clients.answered(id, by: others[others.count - 1], answer(2)) == report(2, .incomplete))
    }

    @Test("a dismissed inquiry is forgotten")
    mutating func dismissed() {
        _ = clients.expect([a], for: asker, isIncomplete: false)
        clients.dismiss(.local(1))
        #expect(!clients.isEmpty)
        clients.dismiss(asker)
        #expect(clients.isEmpty)
        #expect(clients.answered(id, by: a, answer(1)) == nil)
    }
}

@Suite("Acknowledgement ids: distinct ranges of 31-bit numbers")
struct AcknowledgementIDTests {
    @Test("the ranges do not overlap, and numbers wrap around")
    func ranges() {
        let count: UInt64 = 1 << 29
        #expect(AcknowledgementIDs.hub(0) == AcknowledgementIDs.ofSockets)
        #expect(AcknowledgementIDs.hub(count - 1) + 1 == AcknowledgementIDs.local(0))
        #expect(AcknowledgementIDs.local(count - 1) == UInt64(Int32.max))
        #expect(AcknowledgementIDs.hub(count + 5) == AcknowledgementIDs.hub(5))
        #expect(AcknowledgementIDs.local(.max) == UInt64(Int32.max))
    }

    @Test("the ids of events to single clients stay below those of events to many, and wrap around")
    func ofSockets() {
        let last = AcknowledgementIDs.ofSockets - 1
        for start in [last, .max] {
            var ids = AcknowledgementCounter(start: start)
            #expect([ids.next(), ids.next(), ids.next()] == [last, 0, 1])
        }
    }

    @Test(
        "the id comes after the type, the number of attachments and the namespace",
        arguments: [
            (#"42["a"]"#, "/", 0, #"427["a"]"#), (#"42/room[1],["a"]"#, "/room[1]", 0, #"42/room[1],7["a"]"#),
            (#"451-["a",{"_placeholder":true,"num":0}]"#, "/", 1, #"451-7["a",{"_placeholder":true,"num":0}]"#),
            (#"4512-/r-1,["a"]"#, "/r-1", 12, #"4512-/r-1,7["a"]"#),
        ])
    func insertion(text: String, namespace: String, attachments: Int, expected: String) throws {
        let event = EncodedEvent(text: Array(text.utf8), attachments: (0..<attachments).map { [UInt8($0)] })
        let asking = try #require(event.expectingAcknowledgement(7, namespace: namespace))
        #expect(String(decoding: asking.text, as: UTF8.self) == expected)
        #expect(asking.attachments == event.attachments)
    }

    @Test(
        "a text that is not an event of the namespace gets no id",
        arguments: ["", "4", "42", "42/other,[]", #"42x["a"]"#, "451["])
    func malformed(text: String) {
        #expect(EncodedEvent(text: Array(text.utf8)).expectingAcknowledgement(7, namespace: "/") == nil)
        #expect(
            EncodedEvent(text: Array(text.utf8), attachments: [[]]).expectingAcknowledgement(7, namespace: "/") == nil)
    }
}
