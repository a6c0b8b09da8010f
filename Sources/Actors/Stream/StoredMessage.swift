/// A message in the store. Its id is its place in the one order of messages.
public struct StoredMessage: Sendable, Equatable {
    public let id: Int64
    /// The text, as UTF-8.
    public let content: [UInt8]
    /// Milliseconds since 1970 at which it was stored; 0 where that is not known.
    public let storedAt: Int64
    /// Who wrote it, as its ``MessageDraft`` said, as UTF-8; nil where that is not known.
    public let author: [UInt8]?
    /// The client's own name for the message, as UTF-8; nil when it gave none.
    public let clientOffset: [UInt8]?

    public init(
        id: Int64, content: [UInt8], storedAt: Int64 = 0, author: [UInt8]? = nil, clientOffset: [UInt8]? = nil
    ) {
        self.id = id
        self.content = content
        self.storedAt = storedAt
        self.author = author
        self.clientOffset = clientOffset
    }

    /// The bytes of its text and names.
    var byteCount: Int { content.count + (author?.count ?? 0) + (clientOffset?.count ?? 0) }
}

extension StoredMessage {
    /// What is known of the message beside its text and id, as clients get it in the form ``MessageForm/detailed``:
    /// `{"time": …, "author": …, "offset": …}`, where what is not known is missing. More members may come to it.
    public var details: JSONText {
        var text: [UInt8] = []
        appendDetails(to: &text)
        return JSONText(validated: text)
    }

    func appendDetails(to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        let start = text.count
        if Self.times.contains(storedAt) {
            text.append(contentsOf: "\"time\":".utf8)
            text.append(decimal: UInt64(storedAt))
        }
        Self.append("author", author, to: &text, behind: start)
        Self.append("offset", clientOffset, to: &text, behind: start)
        text.append(UInt8(ascii: "}"))
    }

    private static func append(_ name: String, _ value: [UInt8]?, to text: inout [UInt8], behind start: Int) {
        guard let value, value.count <= maxNameBytes else { return }
        if text.count > start { text.append(UInt8(ascii: ",")) }
        JSONString.append(name, to: &text)
        text.append(UInt8(ascii: ":"))
        JSONString.append(value.span, to: &text)
    }

    /// The times that a date in JavaScript can be (ECMA-262, 21.4.1.1): another program may have stored anything.
    private static let times = Int64(1)...8_640_000_000_000_000

    /// A longer author or client offset is not told to anybody.
    static let maxNameBytes = 1024
}
