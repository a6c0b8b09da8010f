import Actors
import Testing

@testable import ChatApplication

@Suite("Chat message: valid and invalid messages")
struct ChatMessageTests {
    static let longestText = String(repeating: "x", count: ChatMessage.maxTextBytes)
    static let longestOffset = String(repeating: "o", count: ChatMessage.maxOffsetBytes)

    @Test(
        "a valid message has a text, and optionally a client offset",
        arguments: [
            (#""hello""#, "hello", nil),
            (#""""#, "", nil),
            (#""hello",null"#, "hello", nil),
            (#""hello","socket-0""#, "hello", "socket-0"),
            (#""hello","""#, "hello", ""),
            (#""hello","socket-0",{"more":1}"#, "hello", "socket-0"),
            (#""Gr\u00fc\u00dfe \ud83d\udc4b","o""#, "Grüße 👋", "o"),
            (#""a lone half \ud83d""#, "a lone half \u{FFFD}", nil),
            (#""a\u0000b""#, "a\u{FFFD}b", nil),
            ("\"\(longestText)\"", longestText, nil),
            ("\"x\",\"\(longestOffset)\"", "x", longestOffset),
        ] as [(String, String, String?)])
    func taken(arguments: String, text: String, offset: String?) throws {
        let message = try ChatMessage(try Arguments(slice: Array(arguments.utf8)))
        #expect(message.text == Array(text.utf8))
        #expect(message.clientOffset == offset.map { Array($0.utf8) })
    }

    @Test(
        "any other message is refused with a reason for the client",
        arguments: [
            ("", "the message is not a string"),
            ("1", "the message is not a string"),
            ("null", "the message is not a string"),
            (#"["hello"]"#, "the message is not a string"),
            (#"{"text":"hello"},"o""#, "the message is not a string"),
            ("\"\(longestText)x\"", "the message is longer than 65536 bytes"),
            (#""hello",1"#, "the client offset is not a string"),
            (#""hello",false"#, "the client offset is not a string"),
            (#""hello",[]"#, "the client offset is not a string"),
            ("\"hello\",\"\(longestOffset)o\"", "the client offset is longer than 256 bytes"),
            (#""hello","a\u0000b""#, "the client offset contains U+0000"),
            (#""hello","a\u0001b""#, "the client offset contains U+0001"),
        ])
    func refused(arguments: String, reason: String) throws {
        let arguments = try Arguments(slice: Array(arguments.utf8))
        #expect(throws: Refusal(description: reason)) { try ChatMessage(arguments) }
    }

    @Test("lengths are in bytes, not in characters")
    func bytes() throws {
        let text = String(repeating: "ü", count: ChatMessage.maxTextBytes / 2)
        #expect(try ChatMessage([.json(JSONText(string: text))]).text.count == ChatMessage.maxTextBytes)
        #expect(throws: Refusal.self) { try ChatMessage([.json(JSONText(string: text + "x"))]) }
    }

    @Test("binary data is neither a text nor an offset")
    func binary() {
        #expect(throws: Refusal(description: "the message is not a string")) {
            try ChatMessage([.binary([1, 2, 3])])
        }
        #expect(throws: Refusal(description: "the client offset is not a string")) {
            try ChatMessage([.json(JSONText(string: "x")), .binary([1, 2, 3])])
        }
    }
}
