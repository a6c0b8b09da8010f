import Testing

@testable import Transport

@Suite("HTTP entity tags")
struct HTTPEntityTagTests {
    let tag = HTTPEntityTag("abc")

    @Test(
        "If-None-Match with the tag matches",
        arguments: [
            "\"abc\"", "W/\"abc\"", "*", " * ", "\"x\", \"abc\"", "\"x\",W/\"y\" ,\t\"abc\"", ",, \"abc\"",
            "\"a,b\", \"abc\"", "\"abc\" rest",
        ])
    func matches(header: String) {
        #expect(tag.matches(ifNoneMatch: header))
    }

    @Test(
        "If-None-Match without the tag does not match",
        arguments: [
            nil, "", "abc", "\"abcd\"", "\"ABC\"", "\"ab", "\"", "w/\"abc\"", "W/", "**", "\"x\" * ", "\"x, \"abc\"",
            "\"\"", ",",
        ])
    func differs(header: String?) {
        #expect(!tag.matches(ifNoneMatch: header))
    }

    @Test("quotes and other invalid characters are removed from a tag")
    func quoting() {
        #expect(tag.headerValue == "\"abc\"")
        #expect(HTTPEntityTag("a\"b\r\nc d").headerValue == "\"abcd\"")
    }
}
