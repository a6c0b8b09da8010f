import Actors
import Persistence
import Testing

@testable import ChatApplication

@Suite("Chat history: requests and answers")
struct ChatHistoryTests {
    @Test(
        "a valid request has a limit, and a message's id or null",
        arguments: [
            (#"{"before":12,"limit":50}"#, 12, 50),
            (#"{"before":null,"limit":1}"#, nil, 1),
            (#"{"limit":200}"#, nil, 200),
            (#"{"before":0,"limit":1}"#, 0, 1),
            (#"{"before":9223372036854775807,"limit":1}"#, Int64.max, 1),
            (#"{"before":1,"limit":2,"more":3},"and more""#, 1, 2),
        ] as [(String, Int64?, Int)])
    func taken(arguments: String, before: Int64?, limit: Int) throws {
        let request = try ChatHistory(try Arguments(slice: Array(arguments.utf8)))
        #expect(request.before == before)
        #expect(request.limit == limit)
    }

    @Test(
        "any other request is refused with a reason for the client",
        arguments: [
            ("", "the argument is not an object"),
            ("null", "the argument is not an object"),
            ("12", "the argument is not an object"),
            (#"[{"before":null,"limit":1}]"#, "the argument is not an object"),
            ("{}", "limit is not a whole number from 1 to 200"),
            (#"{"before":1}"#, "limit is not a whole number from 1 to 200"),
            (#"{"limit":0}"#, "limit is not a whole number from 1 to 200"),
            (#"{"limit":201}"#, "limit is not a whole number from 1 to 200"),
            (#"{"limit":-1}"#, "limit is not a whole number from 1 to 200"),
            (#"{"limit":1.5}"#, "limit is not a whole number from 1 to 200"),
            (#"{"limit":"10"}"#, "limit is not a whole number from 1 to 200"),
            (#"{"before":-1,"limit":1}"#, "before is neither a message's id nor null"),
            (#"{"before":"1","limit":1}"#, "before is neither a message's id nor null"),
            (#"{"before":1e-3,"limit":1}"#, "before is neither a message's id nor null"),
            (#"{"before":9223372036854775808,"limit":1}"#, "before is neither a message's id nor null"),
            (#"{"before":true,"limit":1}"#, "before is neither a message's id nor null"),
        ])
    func refused(arguments: String, reason: String) throws {
        let arguments = try Arguments(slice: Array(arguments.utf8))
        let refusal = #expect(throws: Refusal.self) { try ChatHistory(arguments) }
        #expect(refusal?.description == reason)
        #expect(refusal?.answer.description == "{\"error\":\"\(reason)\"}")
    }

    @Test("the answer has ids, texts and times, oldest first, and a flag for more messages")
    func answer() {
        let messages = [
            StoredMessage(id: 3, content: Array("a \"b\"\n".utf8), storedAt: 0),
            StoredMessage(id: 7, content: [], storedAt: 1_700_000_000_000),
        ]
        #expect(
            ChatHistory.answer(HistoryPage(messages: messages, reachesEnd: false), .plain).description
                == #"{"messages":[[3,"a \"b\"\n",0],[7,"",1700000000000]],"more":true}"#)
        #expect(
            ChatHistory.answer(HistoryPage(messages: [], reachesEnd: true), .plain).description
                == #"{"messages":[],"more":false}"#)
    }

    @Test("a client that asks for details gets them in place of the time")
    func details() {
        let messages = [
            StoredMessage(id: 3, content: [0x61]),
            StoredMessage(
                id: 7, content: [], storedAt: 1_700_000_000_000, author: Array("ann".utf8), clientOffset: [0x6F]),
        ]
        #expect(
            ChatHistory.answer(HistoryPage(messages: messages, reachesEnd: true), .detailed).description
                == #"{"messages":[[3,"a",{}],[7,"",{"time":1700000000000,"author":"ann","offset":"o"}]],"more":false}"#)
    }
}
