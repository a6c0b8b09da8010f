import Testing

@testable import chatd

@Suite("Options of the operator's commands, and the place of the bans")
struct AdminOptionsTests {
    @Test("the place of the bans does not depend on the operator's socket")
    func bans() throws {
        func path(_ arguments: String...) throws -> String? {
            try ServeOptions(arguments, environment: [:]).moderation?.bans?.path
        }
        for socket in ["--admin-socket=", "--admin-socket=/run/a", "--admin-socket=none"] {
            #expect(try path("--db=/tmp/chat.db", socket) == "/tmp/chat.db.bans")
            #expect(try path("--db=:memory:", socket) == nil)
            #expect(try path("--db=postgres://a@b/c", socket, "--bans=/tmp/x") == "/tmp/x")
        }
    }

    @Test(
        "an option without effect on the command is refused",
        arguments: [
            "bans --for 1h", "disconnect user:a --for 1h", "announce x --reason=y", "unban user:a --reason y",
            "ban user:a --for 1h --limit 5", "bans --limit=5", "bans --socket /a --db b",
            "bans --socket /a --admin-socket /b", "bans --config=x --socket=/a",
        ])
    func useless(line: String) {
        let words = line.split(separator: " ").map(String.init)
        let error = #expect(throws: UsageError.self) { try AdminOptions(words, environment: [:]) }
        #expect(error?.description.contains("has no effect") == true, "\(error?.description ?? "")")
    }

    @Test("variables for the server may stay set beside --socket")
    func variables() throws {
        let options = try AdminOptions(["bans", "--socket", "/a"], environment: ["CHATD_DB": "/var/chat.db"])
        #expect(options.address.unixPath == "/a" && options.request == .bans)
        let other = try AdminOptions(
            ["ban", "user:a", "--for", "1h", "--reason", "x"], environment: ["CHATD_DB": "/b"])
        #expect(other.address.unixPath == "/b.admin")
    }
}
