import BrowserClient
import Cluster
import Foundation
import StaticFiles
import Synchronization
import TestSupport
import Testing

@Suite("A server with files", .serialized)
struct ServeFilesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(["index.html": "<p>index", "a.js": "a()", "large": Self.large])
    }

    private static let large = String(repeating: "0123456789", count: 30_000)

    @Test(
        "a directory is served at its path, with an index and redirects",
        arguments: [
            ("/static/a.js", "200", "a()"), ("/static/", "200", "<p>index"), ("/static/index.html", "200", "<p>index"),
            ("/static/large", "200", Self.large), ("/static/missing", "404", "nothing is here"),
            ("/static/../static/a.js", "404", "nothing is here"), ("/static//a.js", "404", "nothing is here"),
            ("/staticx", "404", "nothing is here"), ("/", "404", "nothing is here"), ("/own", "200", "own"),
            ("/logo.svg", "200", "<svg/>"),
        ], ["/static", "/static/"])
    func atPath(request: (path: String, status: String, body: String), path: String) async throws {
        let answer = try await answer(to: request.path) { server in
            try server.serveFiles(from: directory.path, at: path)
            server.serve(StaticFile(name: "logo.svg", bytes: Array("<svg/>".utf8)), at: "/logo.svg")
            server.get("/own") { _ in .text(.ok, "own") }
        }
        #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "))
        #expect(answer.hasSuffix("\r\n\r\n" + request.body))
    }

    @Test("the path of a directory without its last slash is redirected")
    func redirected() async throws {
        let answer = try await answer(to: "/static?x=1") { try $0.serveFiles(from: directory.path, at: "/static") }
        #expect(answer.hasPrefix("HTTP/1.1 301 ") && answer.contains("\r\nLocation: ./static/?x=1\r\n"))
    }

    @Test("at / a directory gets the requests that no other route has")
    func atRoot() async throws {
        for (path, body) in [("/a.js", "a()"), ("/own", "own"), ("/", "<p>index")] {
            let answer = try await answer(to: path) { server in
                try server.serveFiles(from: directory.path)
                server.get("/own") { _ in .text(.ok, "own") }
            }
            #expect(answer.hasSuffix("\r\n\r\n" + body))
        }
    }

    @Test("a missing directory is an error")
    func missing() throws {
        #expect(throws: FileError.self) { try SocketServer().serveFiles(from: directory.path + "/missing") }
    }

    @Test("a file that cannot be served is reported with the path of its route")
    func reported() async throws {
        // A pipe is not a file.
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        let reports = Mutex<[String]>([])
        let server = SocketServer { report in
            reports.withLock { $0.append("\(report)") }
        }
        try server.serveFiles(from: directory.path, at: "/static")
        let answer = try await answer(to: "/static/pipe", of: server)
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        let lines = reports.withLock { $0 }
        #expect(lines.count == 1 && lines[0].hasPrefix("error: the route /static/ failed: "))
    }

    @Test("the browser client is served below the path of the engine")
    func client() async throws {
        let options = ServerOptions(engine: EngineOptions(path: "/chat"))
        for (name, status) in [("socket.io.min.js", "200"), ("socket.io.js", "200"), ("socket.io.js.map", "404")] {
            let answer = try await answer(to: "/chat/\(name)", options) { $0.serveClient() }
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    /// The answer of a server to a GET.
    private func answer(
        to path: String, _ options: ServerOptions = ServerOptions(), setUp: (SocketServer) throws -> Void
    ) async throws -> String {
        let server = SocketServer(options)
        try setUp(server)
        return try await answer(to: path, of: server)
    }

    private func answer(to path: String, of server: SocketServer) async throws -> String {
        var client: ClientEnd? = try ClientEnd()
        let request = "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        try server.adopt(try #require(client).takeServerEnd(), received: Array(request.utf8))
        let task = Task { try await server.runWithoutListening() }
        try await eventually { await server.status.http.responses > 0 }
        let answer = try await #require(client).readAll()
        // Otherwise the server waits for the client to close its side too.
        client = nil
        task.cancel()
        try await task.value
        return answer
    }
}
