import Persistence

extension StoredMessage {
    /// The size of the text, the author and the client offset, in bytes.
    var byteCount: Int { content.count + (attribution?.byteCount ?? 0) + (clientOffset?.count ?? 0) }

    /// The message's metadata as clients receive it in the form ``MessageForm/detailed``:
    /// `{"time": …, "author": …, "name": …, "proved": …, "offset": …}`. Members without a value are omitted.
    /// Later versions may add members.
    public var details: JSONText {
        var text: [UInt8] = []
        appendDetails(to: &text)
        return JSONText(validated: text)
    }

    func appendDetails(to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        let start = text.count
        // Another program may have stored an invalid time.
        let time = Self.time(storedAt)
        if time > 0 {
            text.append(contentsOf: "\"time\":".utf8)
            text.append(decimal: UInt64(time))
        }
        Self.append("author", author, to: &text, behind: start)
        if let name = attribution?.name {
            Self.append("name", name, to: &text, behind: start)
            text.append(contentsOf: (attribution?.isProved == true ? ",\"proved\":true" : ",\"proved\":false").utf8)
        }
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
}
