import Testing

@testable import Persistence

@Suite("PostgreSQL's URLs")
struct PostgresURLTests {
    private static func url(_ text: String, _ environment: [String: String] = [:]) throws -> PostgresURL {
        try PostgresURL(text, environment: environment, loginName: "login")
    }

    @Test(
        "a URL has a normal form",
        arguments: [
            ("postgres://", "login@%2Fvar%2Frun%2Fpostgresql:5432/login"),
            ("postgresql:///", "login@%2Fvar%2Frun%2Fpostgresql:5432/login"),
            ("postgres:///chat", "login@%2Fvar%2Frun%2Fpostgresql:5432/chat"),
            ("postgres://db", "login@db:5432/login"), ("postgres://db/", "login@db:5432/login"),
            ("postgres://db:/chat", "login@db:5432/chat"), ("postgres://db:1/chat", "login@db:1/chat"),
            ("postgres://db:65535/chat", "login@db:65535/chat"), ("postgres://alice@db/chat", "alice@db:5432/chat"),
            ("postgres://alice@db", "alice@db:5432/alice"), ("postgres://alice@/chat?host=db", "alice@db:5432/chat"),
            ("postgres://alice:secret@db/chat", "alice:***@db:5432/chat"),
            ("postgres://alice:@db/chat", "alice@db:5432/chat"), ("postgres://@db/chat", "login@db:5432/chat"),
            ("postgres://a%3Ab%40c:s%2F%3A%40%3F@db/ch%2Fat", "a%3Ab%40c:***@db:5432/ch%2Fat"),
            ("postgres://alice:se@cret:x@db/chat", "alice:***@db:5432/chat"),
            ("postgres://a,b:1,c/chat", "login@a:5432,b:1,c:5432/chat"),
            ("postgres://[::1]/chat", "login@[::1]:5432/chat"),
            ("postgres://[::1]:7,[fe80::1%25lo]/c", "login@[::1]:7,[fe80::1%25lo]:5432/c"),
            ("postgres://%2Ftmp%2Fpg:7/chat", "login@%2Ftmp%2Fpg:7/chat"),
            ("postgres:///chat?host=/tmp/pg&port=7", "login@%2Ftmp%2Fpg:7/chat"),
            ("postgres://x/chat?host=a,/b&port=1,2", "login@a:1,%2Fb:2/chat"),
            ("postgres:///chat?host=a,b&port=3", "login@a:3,b:3/chat"),
            ("postgres:///c?host=::1", "login@[::1]:5432/c"),
            ("postgres://db?user=bob&password=x&dbname=d", "bob:***@db:5432/d"),
            (
                "postgres://db/c?options=-c%20a%3Db&application_name=me",
                "login@db:5432/c?application_name=me&options=-c%20a%3Db"
            ),
            ("postgres://db/c?connect_timeout=9&connect_timeout=10", "login@db:5432/c?connect_timeout=10"),
            ("postgres://db/c?target_session_attrs=read-write", "login@db:5432/c?target_session_attrs=read-write"),
            ("postgres://db/c?sslmode=prefer", "login@db:5432/c"), ("postgres://db/c?", "login@db:5432/c"),
            ("postgres://db/%C3%A9?application_name=", "login@db:5432/%C3%A9?application_name="),
        ])
    func normalForm(text: String, form: String) throws {
        let url = try Self.url(text)
        #expect(url.description == "postgres://\(form)")
        // The normal form means the same, except for the password.
        let again = try Self.url(url.description)
        #expect(again.servers == url.servers && again.user == url.user && again.database == url.database)
        #expect(again.connectTimeout == url.connectTimeout && again.target == url.target)
    }

    @Test("servers are host names, addresses or directories")
    func servers() throws {
        let url = try Self.url("postgres://db,[fe80::1%25lo]:7,%2Ftmp/c")
        #expect(
            url.servers == [
                .tcp(host: "db", port: 5432), .tcp(host: "fe80::1%lo", port: 7), .socket(directory: "/tmp", port: 5432),
            ])
    }

    @Test(
        "a malformed URL is refused",
        arguments: [
            ("", .badScheme), ("mysql://db", .badScheme), ("postgres:/db", .badScheme), ("POSTGRES://db", .badScheme),
            ("postgres://db:0/c", .badPort), ("postgres://db:65536", .badPort), ("postgres://db:-1", .badPort),
            ("postgres://db:123456", .badPort), ("postgres://db:x", .badPort), ("postgres://u:pa/ss@db", .badPort),
            ("postgres://a:1:2", .badHost(1)), ("postgres://a,::1", .badHost(2)), ("postgres://[::1", .badHost(1)),
            ("postgres://[::1]x", .badHost(1)), ("postgres://[a]", .badHost(1)), ("postgres://a b", .badHost(1)),
            ("postgres://[1.2.3.4]", .badHost(1)), ("postgres://a,b%0A/c", .badHost(2)),
            ("postgres://%", .badEncoding), ("postgres://a%2", .badEncoding), ("postgres://a%zz", .badEncoding),
            ("postgres://a%00", .badEncoding), ("postgres://u%FF@a", .badEncoding), ("postgres://a/%00", .badEncoding),
            ("postgres://u:p%@a", .badEncoding), ("postgres://a?user=%C3", .badEncoding),
            ("postgres://a?x", .parameterWithoutValue), ("postgres://a?sslcert=x", .unknownParameter("sslcert")),
            ("postgres://a?a%0Ab=x", .unknownParameter("a%0Ab")), ("postgres://a?sslmode=require", .encryption),
            ("postgres://a?sslmode=verify-full", .encryption), ("postgres://a,b?port=1,2,3", .portCount),
            ("postgres://a?port=1,2", .portCount),
            (
                "postgres://a?connect_timeout=0",
                .badValue(parameter: "connect_timeout", expected: "a number from 1 to 3600")
            ),
            (
                "postgres://a?target_session_attrs=standby",
                .badValue(parameter: "target_session_attrs", expected: "any, read-write or primary")
            ),
        ] as [(String, PostgresURLError)])
    func malformed(text: String, error: PostgresURLError) {
        #expect(throws: error) { try Self.url(text) }
        #expect(!"\(error)".contains("\n"))
    }

    @Test("the user is that of the URL, of PGUSER, or the login name")
    func user() throws {
        let environment = ["PGUSER": "env"]
        #expect(try Self.url("postgres://url@db", environment).user == "url")
        #expect(try Self.url("postgres://db", environment).user == "env")
        #expect(try Self.url("postgres://db", environment).database == "env")
        #expect(try Self.url("postgres://db", ["PGUSER": ""]).user == "login")
        #expect(throws: PostgresURLError.missingUser) {
            try PostgresURL("postgres://db", environment: [:], loginName: "")
        }
    }

    @Test("the password is that of the URL or of PGPASSWORD, and is never shown")
    func password() throws {
        for (text, password) in [
            ("postgres://a:url@db", "url"), ("postgres://a@db", "env"), ("postgres://a:@db", "env"),
            ("postgres://a:url@db?password=query", "query"), ("postgres://a:p%C3%A9%3A@db", "pé:"),
        ] {
            let url = try Self.url(text, ["PGPASSWORD": "env"])
            let identity = url.identity(at: url.servers[0])
            #expect(identity.password == password)
            #expect(!"\(url) \(identity)".contains(password))
        }
        let url = try Self.url("postgres://a@db")
        #expect(url.identity(at: url.servers[0]).password == nil)
    }

    @Test("the identity has the user, the database and the session's settings")
    func identity() throws {
        let url = try Self.url("postgres://a@db/c?options=-c%20x%3D1&application_name=me&connect_timeout=3")
        let identity = url.identity(at: url.servers[0])
        #expect(identity.user == "a" && identity.database == "c")
        #expect(identity.parameters.map(\.name) == ["application_name", "options"])
        #expect(identity.parameters.map(\.value) == ["me", "-c x=1"])
        #expect(url.connectTimeout == 3 && url.target == .any)
    }
}
