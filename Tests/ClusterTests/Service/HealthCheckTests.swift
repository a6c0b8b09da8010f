import Testing
import Transport

@testable import Cluster

@Suite("Health checks")
struct HealthCheckTests {
    @Test(
        "the target of a URL",
        arguments: [
            ("http://localhost:3000", "http://localhost:3000", "/"), ("http://a", "http://a:80", "/"),
            ("http://a:1/x/y?z", "http://a:1/x/y?z", "/x/y?z"), ("http://a?z", "http://a:80/?z", "/?z"),
            ("http://[::1]:3000/", "http://[::1]:3000", "/"), ("http://[::1]", "http://[::1]:80", "/"),
            ("unix:/run/chatd.sock", "unix:/run/chatd.sock", "/"), ("unix:@chatd", "unix:@chatd", "/"),
        ])
    func targets(url: String, description: String, path: String) throws {
        let target = try #require(HealthCheck.Target(url: url))
        #expect(target.description == description)
        #expect(target.request == "HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    }

    @Test(
        "another text is refused",
        arguments: [
            "", "localhost:3000", "https://a", "http://", "http://:80", "http://a:", "http://a:0", "http://a:65536",
            "http://a:x", "http://u@a", "http://a/\r\nX: y", "http://a/ b", "unix:", "unix:x", "http://a#b",
        ])
    func refused(url: String) {
        #expect(HealthCheck.Target(url: url) == nil)
    }

    @Test(
        "the status of an answer",
        arguments: [("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 404\n", 404), ("HTTP/1.1 503 x\r\nA: b\r\n\r\n", 503)])
    func status(answer: String, status: Int) throws {
        #expect(try HealthCheck.status(of: Array(answer.utf8)) == status)
        // No prefix without a line end has a status.
        for count in 0..<answer.utf8.count where !answer.utf8.prefix(count).contains(10) {
            #expect(throws: HealthCheck.Failure.notHTTP) {
                try HealthCheck.status(of: Array(answer.utf8.prefix(count)))
            }
        }
    }

    @Test(
        "another answer is not HTTP",
        arguments: [
            "\r\n", "HTTP/1.1\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/2 200\r\n", "SSH-2.0 200\r\n",
        ])
    func notHTTP(answer: String) {
        #expect(throws: HealthCheck.Failure.notHTTP) { try HealthCheck.status(of: Array(answer.utf8)) }
    }
}
