import Testing
import Transport

@testable import Actors

@Suite("Message encoding: a stored message as the event that clients know")
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
        builder.append(StoredMessage(id: id, content: Array(content.utf8)), encoding, position: 3)
        #expect(builder.finish().texts == [text])
    }

    @Test("while lost sessions are kept, the offset follows the id")
    func offset() {
        let encoding = MessageEncoding(event: "m", namespace: "/", epoch: "e1")
        var builder = FramesBuilder()
        builder.append(StoredMessage(id: 7, content: Array("x".utf8)), encoding, position: 3)
        #expect(builder.finish().texts == [#"42["m","x",7,"e1.3.7"]"#])
    }
}
