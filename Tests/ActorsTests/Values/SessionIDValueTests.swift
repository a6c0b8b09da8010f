import Testing
import Transport

@testable import Actors

@Suite("Session ids as values")
struct SessionIDValueTests {
    @Test("an id is sent as its text and read from it")
    func text() throws {
        let id = SessionID.random()
        let arguments = try Arguments(encoding: id, ["socket": id])
        #expect(
            arguments == [.json(JSONText(string: id.description)), .json(["socket": JSONText(string: id.description)])])
        let (first, second) = try arguments.decode(SessionID.self, [String: SessionID].self)
        #expect(first == id && second == ["socket": id])
    }

    @Test("another text is not an id", arguments: ["", "short", "abcdefghijklmnopqrs!", "abcdefghijklmnopqrstu"])
    func other(text: String) {
        let arguments: Arguments = [.json(JSONText(string: text))]
        #expect(throws: ArgumentError.self) { try arguments.decode(SessionID.self) }
    }
}
