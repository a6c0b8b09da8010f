import Testing

@testable import chatd

@Suite("The built-in page")
struct PageTests {
    let files = Page.files()

    @Test("has files with the content types that browsers require")
    func types() {
        #expect(
            files.mapValues(\.contentType) == [
                "/": "text/html; charset=utf-8", "/page.css": "text/css; charset=utf-8",
                "/page.js": "text/javascript; charset=utf-8", "/icon.svg": "image/svg+xml",
            ])
    }

    @Test("has a policy that allows only the server's own files")
    func policy() throws {
        let response = try #require(files["/"]).response(ifNoneMatch: nil)
        let policy = try #require(response.headers.first { $0.0 == "Content-Security-Policy" }?.1)
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
        #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("data:"))
    }

    @Test("has no inline script or style, and only relative addresses of the server's files")
    func inside() throws {
        let html = String(decoding: try #require(files["/"]).bytes, as: UTF8.self)
        for forbidden in ["style=", "<style", "onclick", "http:", "https:", "//", "<script>", "=\"/"] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
        for path in files.keys where path != "/" { #expect(html.contains("\"\(path.dropFirst())\"")) }
    }

    @Test("is sent again only after a change")
    func caching() throws {
        for file in files.values {
            let tag = try #require(file.response(ifNoneMatch: nil).headers.first { $0.0 == "ETag" }?.1)
            #expect(file.response(ifNoneMatch: tag).status == .notModified)
            #expect(file.response(ifNoneMatch: "\"other\"").status == .ok)
        }
    }

    @Test("defines no names that other scripts see")
    func script() throws {
        let script = String(decoding: try #require(files["/page.js"]).bytes, as: UTF8.self)
        #expect(script.hasPrefix("\"use strict\";\n(() => {") && script.hasSuffix("})();\n"))
    }
}
