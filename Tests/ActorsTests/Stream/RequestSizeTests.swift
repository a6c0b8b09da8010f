import Persistence
import Testing
import Transport

@testable import Actors

@Suite("Requests to the hub: their size in a turn's batch")
struct RequestSizeTests {
    @Test("answers and the data of a socket count although they use no credit")
    func free() throws {
        let text = Array(repeating: UInt8(ascii: "1"), count: 1000)
        let answer = InquiryAnswer.arguments(EncodedArguments(text: text))
        let report = InquiryReport(number: 1, answers: [answer, .failure("no")], state: .open)
        let data = try JSONText(validating: text)
        let key = SessionKey(id: try #require(SessionID(String(repeating: "A", count: 20))))
        for (request, size) in [
            (HubRequest.answer(report), 1000 + 2 + 2 * 64), (.setData(key, data), 1000), (.join(key, room: "r"), 0),
        ] {
            #expect(request.cost == 0 && request.freeSize == size, "\(request)")
        }
    }

    @Test("content that uses credit does not count twice")
    func credited() throws {
        let key = SessionKey(id: try #require(SessionID(String(repeating: "A", count: 20))))
        let request = HubRequest.store(key, MessageDraft(clientOffset: nil, content: [1, 2, 3]))
        #expect(request.cost > 3 && request.freeSize == 0)
    }
}
