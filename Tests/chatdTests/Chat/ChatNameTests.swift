import Actors
import Testing

@testable import ChatApplication

@Suite("Chat name: the name that a client chooses")
struct ChatNameTests {
    private static func name(_ json: String) throws -> String? {
        try ChatName(try JSONText(validating: Array(json.utf8)))?.text
    }

    @Test(
        "a name is visible text",
        arguments: [#""Ada""#, #""Ada Lovelace""#, #""\u0041da""#, #""👩‍💻""#, #""عادة""#, #"" x""#, #""~""#])
    func valid(json: String) throws {
        #expect(try Self.name(json) != nil)
    }

    @Test("a client needs none")
    func missing() throws {
        #expect(try ChatName(nil) == nil)
        #expect(try Self.name("null") == nil)
    }

    @Test(
        "anything else is refused, above all what could change the text around the name",
        arguments: [
            #""""#, #"" ""#, #""\u200b""#, #""a\nb""#, #""a\u0000""#, #""a\u007f""#, #""a\u0085""#, #""a\u2028""#,
            #""a\u202e""#, #""a\u2066""#, #""\u200f""#, "1", "true", "[]", #"{"a":1}"#,
        ])
    func refused(json: String) {
        #expect(throws: ChatName.Invalid.self) { try Self.name(json) }
    }

    @Test("a name has at most 128 bytes", arguments: [("x", 128), ("é", 64), ("👋", 32)])
    func limit(character: String, count: Int) throws {
        #expect(try Self.name("\"\(String(repeating: character, count: count))\"") != nil)
        #expect(throws: ChatName.Invalid.self) {
            try Self.name("\"\(String(repeating: character, count: count + 1))\"")
        }
        #expect(try Self.name("\"\(String(repeating: #"\u0061"#, count: 128))\"") != nil)
    }
}
