import Testing

@testable import Persistence

@Suite("The author of a message")
struct MessageAuthorTests {
    @Test("an author without a name takes one word, and a message is as large as it was without names")
    func sizes() {
        #expect(MemoryLayout<MessageAuthor?>.size == 8)
        #expect(MemoryLayout<StoredMessage>.size == 40 && MemoryLayout<MessageDraft>.size == 24)
    }

    @Test(
        "a chosen name is stored behind a tilde, and a proved one never looks like it",
        arguments: [
            ("Ada", false, "~Ada", "Ada"), ("Ada", true, "Ada", "Ada"), ("~Ada", false, "~~Ada", "~Ada"),
            ("~~Ada", true, "Ada", "Ada"), ("", false, nil, nil), ("", true, nil, nil), ("~", true, nil, nil),
            ("~", false, "~~", "~"),
        ] as [(String, Bool, String?, String?)])
    func stored(text: String, isProved: Bool, stored: String?, name: String?) throws {
        let author = try #require(MessageAuthor(id: [0x61], name: text, isProved: isProved))
        #expect(author.id == [0x61])
        #expect(author.storedName == stored.map { Array($0.utf8) })
        #expect(author.name == name.map { Array($0.utf8) })
        #expect(author.isProved == (isProved && name != nil))
        #expect(MessageAuthor(id: [0x61], storedName: author.storedName) == author)
    }

    @Test("without an id and a name there is no author")
    func none() {
        #expect(MessageAuthor(id: nil) == nil && MessageAuthor(id: nil, name: "") == nil)
        #expect(MessageAuthor(id: nil, name: "Ada")?.id == nil)
        #expect(MessageAuthor(id: nil, storedName: [0x7E]) == nil)
    }

    @Test(
        "a long name is cut between characters",
        arguments: [("x", 128), ("é", 128), ("€", 126), ("👋", 128)])
    func cut(character: String, size: Int) throws {
        for isProved in [true, false] {
            let name = String(repeating: character, count: 200)
            let author = try #require(MessageAuthor(id: nil, name: name, isProved: isProved))
            #expect(author.name?.count == size)
            #expect(String(validating: try #require(author.name), as: UTF8.self) != nil)
        }
    }

    @Test("a stored name over the limit counts as none", arguments: [false, true])
    func tooLong(isChosen: Bool) {
        let mark: [UInt8] = isChosen ? [0x7E] : []
        func author(_ count: Int) -> MessageAuthor? {
            MessageAuthor(id: nil, storedName: mark + [UInt8](repeating: 0x61, count: count))
        }
        #expect(author(128)?.name?.count == 128)
        #expect(author(129) == nil)
    }

    @Test("authors are equal if their parts are")
    func equality() {
        let ada = MessageAuthor(id: [1], name: "Ada")
        #expect(ada == MessageAuthor(id: [1], name: "Ada"))
        #expect(ada != MessageAuthor(id: [2], name: "Ada") && ada != MessageAuthor(id: [1], name: "Ann"))
        #expect(ada != MessageAuthor(id: [1], name: "Ada", isProved: true) && ada != MessageAuthor(id: [1]))
    }
}
