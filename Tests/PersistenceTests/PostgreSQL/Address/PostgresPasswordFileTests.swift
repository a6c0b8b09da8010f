import Glibc
import TestSupport
import Testing

@testable import Persistence

@Suite("PostgreSQL's password files")
struct PostgresPasswordFileTests {
    private static let db = PostgresURL.Server.tcp(host: "db", port: 5432)

    private static func password(
        _ contents: String, at server: PostgresURL.Server = db, database: String = "chat", user: String = "alice"
    ) -> String? {
        PostgresPasswordFile(Array(contents.utf8)).password(at: server, database: database, user: user)
    }

    @Test(
        "the first line that matches has the password",
        arguments: [
            ("db:5432:chat:alice:secret", "secret"), ("db:5432:chat:alice:secret\n", "secret"),
            ("db:5432:chat:alice:secret\r\n", "secret"), ("*:*:*:*:secret", "secret"),
            ("other:*:*:*:no\n\n# db:*:*:*:no\ndb:*:*:*:yes\n*:*:*:*:no", "yes"), ("db:1:*:*:no", nil),
            ("db:*:other:*:no", nil), ("db:*:*:bob:no", nil), ("", nil), ("db:5432:chat:alice", nil),
            ("d*:*:*:*:no", nil), (#"\*:*:*:*:no"#, nil), ("*:*:*:*:", ""), (#"*:*:*:*:a\:b\\c"#, #"a:b\c"#),
            ("*:*:*:*:a:b", "a:b"), (#"d\b:*:*:*:yes"#, "yes"), (#"*:*:*:*:a\"#, #"a\"#), (#"db\:*:*:*:*:no"#, nil),
            (#"*:*:*:\"#, nil),
        ] as [(String, String?)])
    func lines(contents: String, password: String?) {
        #expect(Self.password(contents) == password)
    }

    @Test("colons and backslashes in fields are escaped")
    func escapes() {
        let server = PostgresURL.Server.tcp(host: "::1", port: 7)
        let line = #"\:\:1:7:a\\b:c\:d:secret"#
        #expect(Self.password(line, at: server, database: #"a\b"#, user: "c:d") == "secret")
    }

    @Test("a socket matches its directory, and the usual one matches localhost")
    func sockets() {
        let lines = "localhost:*:*:*:usual\n/tmp/pg:*:*:*:own"
        let usual = PostgresURL.Server.socket(directory: "/var/run/postgresql", port: 5432)
        #expect(Self.password(lines, at: usual) == "usual")
        #expect(Self.password(lines, at: .socket(directory: "/tmp/pg", port: 5432)) == "own")
        #expect(Self.password(lines, at: .socket(directory: "/tmp", port: 5432)) == nil)
    }

    @Test("lines that are not UTF-8 or have a zero byte do not match")
    func invalid() {
        let file = PostgresPasswordFile(Array("*:*:*:*:".utf8) + [0xFF, 0x0A] + Array("*:*:*:*:a\0b\n*:*:*:*:c".utf8))
        #expect(file.password(at: Self.db, database: "chat", user: "alice") == "c")
    }

    private static func write(_ text: String, to path: String, mode: mode_t) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
        #expect(fchmod(descriptor, mode) == 0)
    }

    @Test("the file of PGPASSFILE or of the URL is read, and each server has its password")
    func file() throws {
        let directory = try TemporaryDirectory([:])
        let path = directory.path + "/passwords"
        Self.write("a:*:*:*:one\nb:*:*:*:two\n", to: path, mode: 0o600)
        let urls = [
            try PostgresURL("postgres://a,b,c/d", environment: ["PGPASSFILE": path], loginName: "me"),
            try PostgresURL("postgres://a,b,c/d?passfile=\(path)", environment: [:], loginName: "me"),
        ]
        for url in urls {
            #expect(url.servers.map { url.identity(at: $0).password } == ["one", "two", nil])
            #expect(url.description == "postgres://me@a:5432,b:5432,c:5432/d")
        }
    }

    @Test("a file that the group or others can use is refused", arguments: [0o640, 0o604, 0o620, 0o601] as [mode_t])
    func permissions(mode: mode_t) throws {
        let directory = try TemporaryDirectory([:])
        let path = directory.path + "/passwords"
        Self.write("*:*:*:*:x", to: path, mode: mode)
        let reason = "its group or others have access to it; use chmod 600"
        #expect(throws: PostgresURLError.badPasswordFile(path: path, reason: reason)) {
            try PostgresURL("postgres://a", environment: ["PGPASSFILE": path], loginName: "me")
        }
        // The file is not needed.
        _ = try PostgresURL("postgres://a:b@a", environment: ["PGPASSFILE": path], loginName: "me")
        _ = try PostgresURL("postgres://a", environment: ["PGPASSFILE": path, "PGPASSWORD": "b"], loginName: "me")
    }

    @Test("a file that is missing, no regular file, or too large is refused")
    func unusable() throws {
        let directory = try TemporaryDirectory([:])
        let large = directory.path + "/large"
        Self.write("", to: large, mode: 0o600)
        #expect(truncate(large, 1 << 20 + 1) == 0)
        for path in [directory.path, directory.path + "/missing", large] {
            #expect(throws: PostgresURLError.self) { try PostgresPasswordFile(path: path) }
        }
    }
}
