import Testing

@testable import Transport

@Suite("HTTP queries")
struct HTTPQueryTests {
    static let rows: [(query: String, pairs: [[String]])] = [
        ("", []),
        ("&&", []),
        ("a=b", [["a", "b"]]),
        ("a=b&c=d&a=e", [["a", "b"], ["c", "d"], ["a", "e"]]),
        ("a", [["a", ""]]),
        ("a=", [["a", ""]]),
        ("=b", [["", "b"]]),
        ("a=b=c", [["a", "b=c"]]),
        ("a+b=c+d", [["a b", "c d"]]),
        ("a%3Db=c%26d", [["a=b", "c&d"]]),
        ("a=%e2%98%83%2B", [["a", "☃+"]]),
        ("a=%", [["a", "%"]]),
        ("a=%4", [["a", "%4"]]),
        ("a=%4g%41", [["a", "%4gA"]]),
        ("a=%%41", [["a", "%A"]]),
        ("a=%2541", [["a", "%41"]]),
        ("a=%ff%00", [["a", "\u{FFFD}\0"]]),
        ("__proto__=a&constructor=b&toString", [["__proto__", "a"], ["constructor", "b"], ["toString", ""]]),
        ("a;b=c?d#e", [["a;b", "c?d#e"]]),
    ]

    @Test("a query is decoded", arguments: rows)
    func decodes(query: String, pairs: [[String]]) {
        #expect(HTTPQuery(query).pairs.map { [$0.name, $0.value] } == pairs)
    }

    @Test("the first value of a parameter is returned, and nil for a parameter that was not sent")
    func lookup() throws {
        let target = "/socket.io/?EIO=4&transport=polling&EIO=3&sid="
        let head = try HTTPRequest(parsing: "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").head
        #expect(head.queryParameters["EIO"] == "4")
        #expect(head.queryParameters["transport"] == "polling")
        #expect(head.queryParameters["sid"] == "")
        for name in ["eio", "t", "__proto__", "constructor", ""] {
            #expect(head.queryParameters[name] == nil)
        }
    }

    @Test("a target without a query has no parameters")
    func absent() throws {
        let head = try HTTPRequest(parsing: "GET /a=b HTTP/1.1\r\nHost: a\r\n\r\n").head
        #expect(head.query == nil)
        #expect(head.queryParameters.pairs.isEmpty)
    }
}
