import Persistence
import Testing
import Transport

@testable import Actors

@Suite("Message encoding: a stored message as an event")
struct MessageEncodingTests {
    @Test(
        "the event carries the text and the id",
        arguments: [
            ("chat message", "/", "hello", 1, #"42["chat message","hello",1]"#),
            ("chat message", "/", "", 7, #"42["chat message","",7]"#),
            ("m", "/chat", "hello", 12, #"42/chat,["m","hello",12]"#),
            ("m", "/", "x", Int64.max, #"42["m","x",9223372036854775807]"#),
            ("a \"quoted\" name", "/", "x", 1, #"42["a \"quoted\" name","x",1]"#),
            ("m", "/", #"say "hi" \ "#, 2, #"42["m","say \"hi\" \\ ",2]"#),
            ("m", "/", "line\nbreak\ttab\u{01}", 3, #"42["m","line\nbreak\ttab\u0001",3]"#),
            ("m", "/", "Grüße 👋 </script>", 4, #"42["m","Grüße 👋 </script>",4]"#),
        ])
    func encodes(event: String, namespace: String, content: String, id: Int64, text: String) {
        let encoding = MessageEncoding(event: event, namespace: namespace, epoch: nil)
        var builder = FramesBuilder()
        builder.appendMessage(StoredMessage(id: id, content: Array(content.utf8)), encoding, .plain, position: 3)
        #expect(builder.finish().texts == [text])
    }

    @Test("the offset follows the id if lost sessions are kept")
    func offset() {
        let encoding = MessageEncoding(event: "m", namespace: "/", epoch: "e1")
        var builder = FramesBuilder()
        builder.appendMessage(StoredMessage(id: 7, content: Array("x".utf8)), encoding, .plain, position: 3)
        #expect(builder.finish().texts == [#"42["m","x",7,"e1.3.7"]"#])
    }

    @Test(
        "in the detailed form the details follow the id, and the offset follows the details",
        arguments: [
            (nil, #"42["m","x",7,{"time":5,"author":"ann","offset":"o-0"}]"#),
            ("e1", #"42["m","x",7,{"time":5,"author":"ann","offset":"o-0"},"e1.3.7"]"#),
        ])
    func detailed(epoch: String?, text: String) {
        let encoding = MessageEncoding(event: "m", namespace: "/", epoch: epoch)
        let message = StoredMessage(
            id: 7, content: Array("x".utf8), storedAt: 5, author: Array("ann".utf8), clientOffset: Array("o-0".utf8))
        var run = MessageRun(encoding)
        run.append(message, position: 3)
        #expect(run.frames(.detailed).texts == [text])
        // The plain form does not depend on the details.
        var plain = FramesBuilder()
        plain.appendMessage(StoredMessage(id: 7, content: Array("x".utf8)), encoding, .plain, position: 3)
        #expect(run.frames(.plain).bytes == plain.finish().bytes)
    }

    @Test(
        "the details omit unknown and invalid members",
        arguments: [
            (0, nil, nil, "{}"),
            (1, nil, nil, #"{"time":1}"#),
            (0, "ann", nil, #"{"author":"ann"}"#),
            (0, nil, "o-0", #"{"offset":"o-0"}"#),
            (0, "", "", #"{"author":"","offset":""}"#),
            (0, #"a"\"#, "\u{0}ü👋\n", #"{"author":"a\"\\","offset":"\u0000ü👋\n"}"#),
            (1, "ann", "o", #"{"time":1,"author":"ann","offset":"o"}"#),
            (8_640_000_000_000_000, nil, nil, #"{"time":8640000000000000}"#),
            (8_640_000_000_000_001, nil, nil, "{}"),
            (.max, nil, nil, "{}"),
            (-1, nil, nil, "{}"),
            (.min, nil, nil, "{}"),
            (0, String(repeating: "a", count: 1025), String(repeating: "o", count: 1025), "{}"),
            (0, nil, String(repeating: "o", count: 1024), "{\"offset\":\"\(String(repeating: "o", count: 1024))\"}"),
        ] as [(Int64, String?, String?, String)])
    func details(time: Int64, author: String?, offset: String?, text: String) throws {
        let message = StoredMessage(
            id: 1, content: [], storedAt: time, author: author.map { Array($0.utf8) },
            clientOffset: offset.map { Array($0.utf8) })
        #expect(message.details.description == text)
        #expect(try JSONText(validating: Array(text.utf8)) == message.details)
    }
}
