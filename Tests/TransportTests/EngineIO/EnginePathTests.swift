import Testing

@testable import Transport

@Suite("The path of Engine.IO requests")
struct EnginePathTests {
    @Test(
        "the normalized path has one slash at each end",
        arguments: [
            ("/socket.io/", "/socket.io/"), ("socket.io", "/socket.io/"), ("/socket.io", "/socket.io/"),
            ("socket.io/", "/socket.io/"), ("//a/b//", "/a/b/"), ("/", "/"), ("", "/"), ("///", "/"),
        ])
    func normalized(written: String, path: String) {
        var options = EngineOptions(path: written)
        #expect(options.path == path)
        options.path = "/other/"
        options.path = written
        #expect(options.path == path)
    }
}
