import Persistence
import Testing

@testable import Cluster

@Suite("The URL of a PostgreSQL backplane")
struct PostgresBackplaneURLTests {
    @Test("without parameters it has the official adapter's channels and table")
    func defaults() throws {
        let url = try PostgresBackplaneURL("postgres://alice:secret@one,two:7/chat")
        #expect(url.database.servers == [.tcp(host: "one", port: 5432), .tcp(host: "two", port: 7)])
        #expect(url.prefix == "socket.io" && url.table.quoted == "\"socket_io_attachments\"")
    }

    @Test("its own parameters are not PostgreSQL's")
    func parameters() throws {
        let url = try PostgresBackplaneURL(
            "postgresql://alice@one/chat?prefix=a%23b&connect_timeout=7&attachments=Chat.Large_1")
        #expect(url.prefix == "a#b" && url.table.quoted == "\"chat\".\"large_1\"")
        #expect(url.database.connectTimeout == 7 && url.database.database == "chat")
        #expect("\(url.database)" == "postgres://alice@one:5432/chat?connect_timeout=7")
    }

    @Test(
        "a wrong one is refused",
        arguments: [
            ("redis://a", .badScheme), ("postgres://a@b/c?prefix", .parameterWithoutValue),
            ("postgres://a@b/c?prefix=%", .badEncoding), ("postgres://a@b/c?other=1", .unknownParameter("other")),
            ("postgres://a@b/c?prefix=", .badValue(parameter: "prefix", expected: "a text of 1 to 54 bytes")),
            (
                "postgres://a@b/c?attachments=",
                .badValue(parameter: "attachments", expected: "the name of a table, perhaps with its schema")
            ),
        ] as [(String, PostgresURLError)])
    func refused(text: String, error: PostgresURLError) {
        #expect(throws: error) { try PostgresBackplaneURL(text) }
    }

    @Test("the longest prefix is the one with which the main namespace has channels")
    func longPrefix() throws {
        let longest = String(repeating: "p", count: 54)
        #expect(try PostgresBackplaneURL("postgres://a@b/c?prefix=\(longest)").prefix == longest)
        #expect(throws: PostgresURLError.self) { try PostgresBackplaneURL("postgres://a@b/c?prefix=\(longest)p") }
    }

    @Test("the service refuses a wrong URL, without its password")
    func service() throws {
        _ = try BackplaneService.postgres("postgres://a@b/c")
        do {
            _ = try BackplaneService.postgres("postgres://a:secret@b/c?attachments=x-y")
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("attachments") && !"\(error)".contains("secret"))
        }
    }

    @Test(
        "only names that need no quotation marks are names of tables",
        arguments: [
            "", ".", "a.", ".a", "a.b.c", "1a", "a b", "a\"", "a;b", "a'b", "ä", "a\u{0}", "a\u{301}",
            String(repeating: "a", count: 64),
        ])
    func names(text: String) {
        #expect(PostgresTableName(text) == nil)
    }

    @Test("letters, digits and underscores are, and upper-case letters mean lower-case ones")
    func goodNames() {
        #expect(PostgresTableName("_A1.b_2")?.quoted == "\"_a1\".\"b_2\"")
        #expect(PostgresTableName("user")?.quoted == "\"user\"")
    }
}
