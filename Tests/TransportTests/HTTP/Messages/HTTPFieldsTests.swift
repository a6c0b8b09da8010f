import Testing

@testable import Transport

@Suite("Header fields of the application")
struct HTTPFieldsTests {
    @Test("set replaces a field, append repeats it, and remove removes all; the case of names is ignored")
    func changes() throws {
        var fields = HTTPFields()
        #expect(fields.isEmpty && fields["a"] == nil)
        try fields.set("X-A", "1")
        try fields.append("x-a", "2")
        #expect(fields["x-A"] == "1" && fields.lines == "X-A: 1\r\nx-a: 2\r\n")
        try fields.set("x-a", "3")
        #expect(fields.lines == "x-a: 3\r\n")
        fields.remove("X-A")
        #expect(fields.isEmpty)
    }

    @Test(
        "a name that is not a token is refused",
        arguments: ["", "a b", "a:", "a\r\nb", "\u{E9}", "a\0", "a\n"])
    func names(name: String) {
        var fields = HTTPFields()
        #expect(throws: HTTPFields.FieldError.self) { try fields.set(name, "1") }
        #expect(throws: HTTPFields.FieldError.self) { try fields.append(name, "1") }
        #expect(fields.isEmpty)
    }

    @Test("a value with a control character is refused", arguments: ["a\r\nX: b", "a\n", "\r", "\0", "a\u{7F}"])
    func values(value: String) {
        var fields = HTTPFields()
        #expect(throws: HTTPFields.FieldError.self) { try fields.set("X-A", value) }
        #expect(throws: HTTPFields.FieldError.self) { try fields.append("X-A", value) }
        #expect(fields.isEmpty)
    }

    @Test(
        "a field that the server determines is refused",
        arguments: [
            "Content-Length", "transfer-encoding", "Connection", "Upgrade", "Sec-WebSocket-Accept", "content-type",
        ])
    func reserved(name: String) {
        var fields = HTTPFields()
        #expect(throws: HTTPFields.FieldError(description: "the server determines the header \(name)")) {
            try fields.set(name, "1")
        }
    }

    @Test("fields replace the server's headers of the same name, except Vary")
    func merged() throws {
        var fields = HTTPFields()
        try fields.set("cache-control", "private")
        try fields.set("Vary", "Cookie")
        let headers = fields.merged(into: [("Cache-Control", "no-store"), ("Vary", "Origin"), ("X", "1")])
        #expect(headers.map { "\($0): \($1)" } == ["Vary: Origin", "X: 1", "cache-control: private", "Vary: Cookie"])
    }
}
