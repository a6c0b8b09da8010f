import Testing

@testable import StaticFiles

@Suite("A web root")
struct WebRootTests {
    @Test(
        "serves the decoded path below the directory",
        arguments: [
            ("/", ""), ("/a.js", "a.js"), ("/a/b%20c.html", "a/b c.html"), ("/%C3%A9", "é"), ("/dir/", "dir/"),
            ("/.well-known/x", ".well-known/x"), ("/a..b", "a..b"), ("/a.", "a."), ("/%25", "%"), ("/a+b", "a+b"),
        ])
    func paths(path: String, expected: String) {
        #expect(WebRoot.relativePath(path) == expected)
    }

    @Test(
        "refuses paths that lead out of it or to hidden files, in every spelling",
        arguments: [
            "/..", "/../etc/passwd", "/a/../../b", "/%2e%2e/x", "/%2E./x", "/.", "/./a", "/.git/config", "/a/.env",
            "/..%2fx",
            "/a%2fb", "/a%2Fb", "/%00", "/a%00.html", "//host/x", "/a//b", "/%", "/%4", "/%zz", "/%+1", "/%ff", "", "a",
            "*",
        ])
    func refusedPaths(path: String) {
        #expect(WebRoot.relativePath(path) == nil)
    }

    @Test(
        "derives content types from file extensions",
        arguments: [
            ("a.html", "text/html; charset=utf-8"), ("/x/y.JS", "text/javascript; charset=utf-8"),
            ("a.min.css", "text/css; charset=utf-8"), ("a.svg", "image/svg+xml"), ("a.png", "image/png"),
            ("a.js.map", "application/json"), ("a.woff2", "font/woff2"), ("a.unknown", "application/octet-stream"),
            ("html", "application/octet-stream"), ("a.", "application/octet-stream"),
        ])
    func contentTypes(name: String, expected: String) {
        #expect(ContentType.of(name) == expected)
    }
}
