import Testing

@testable import Transport

@Suite struct URLPartsTests {
    @Test func allParts() throws {
        let parts = try URLParts("x-y://us%40er:p@s%3As@h1,[::1]:7,h3:/a%20b/c?d=%65")
        #expect(parts.user == "us@er" && parts.password == "p@s:s")
        #expect(parts.hosts.map(\.name) == ["h1", "::1", "h3"])
        #expect(parts.hosts.map(\.port) == [[], Array("7".utf8), []])
        #expect(parts.path == "a b/c" && Array(parts.query) == Array("d=%65".utf8))
    }

    @Test func missingParts() throws {
        let parts = try URLParts("x://")
        #expect(parts.user == nil && parts.password == nil && parts.path == nil && parts.query.isEmpty)
        #expect(parts.hosts.map(\.name) == [""])
        #expect(try URLParts("x://u@h").password == nil)
        #expect(try URLParts("x://u:@h/").password == "")
    }

    @Test(arguments: ["", "x", "x:/h", "x:h://y", "é"])
    func textWithoutAScheme(text: String) {
        #expect(URLParts.scheme(of: text) == nil)
        #expect(throws: URLParts.Failure.badScheme) { try URLParts(text) }
    }

    @Test(arguments: ["%", "%4", "%zz", "%00", "%FF", "a%"])
    func badEncoding(text: String) {
        for url in ["x://\(text)@h", "x://u:\(text)@h", "x://\(text)", "x://h/\(text)"] {
            #expect(throws: URLParts.Failure.badEncoding, "\(url)") { try URLParts(url) }
        }
    }

    @Test(arguments: ["::1", "[::1", "[h]", "[::1]7", "a:b:c", "a%3A1"])
    func badHost(text: String) {
        #expect(throws: URLParts.Failure.badHost(2)) { try URLParts("x://h,\(text)") }
    }

    @Test func encodingIsUndone() {
        let text = "aZ09-._~ /?#[]@!$&'()*+,;=%é\u{1F600}"
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.hasPrefix("aZ09-._~%20%2F%3F"))
        #expect(PercentEncoding.decode(Array(encoded.utf8)[...]) == text)
    }
}
