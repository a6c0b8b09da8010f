import Testing

@testable import chatd

@Suite("Secrets: hidden in texts for operators")
struct SecretsTests {
    @Test(
        "a password is hidden, also in an address that is malformed",
        arguments: [
            ("chat.db", "chat.db"), ("", ""), ("me:pass@host/db", "me:***@host/db"), (":@", ":@"),
            ("@", "@"), (":", ":"),
            ("postgres:/me:pass@host/db", "postgres:/me:***@host/db"), ("redis:pass@host", "redis:***@host"),
            ("postgres:me:p@ss@host", "postgres:***@host"), ("postgres:\\me:pass@host", "postgres:\\me:***@host"),
            ("postgres:///me:pass@host/db", "postgres:///me:***@host/db"), ("redis://m/e:pass@h", "redis://m/e:***@h"),
            ("postgres:/host/db?password=pw&a=1", "postgres:/host/db?password=***&a=1"),
            ("cannot open redis:/:pass@host: no such file", "cannot open redis:/:***@host: no such file"),
            ("unix:@chat", "unix:@chat"), ("\"unix:/run/a@b\" is", "\"unix:/run/a@b\" is"),
            ("mail me@host", "mail me@host"), ("a://b:c@d (e://f:g@h)", "a://b:***@d (e://f:***@h)"),
            ("redis://me:pass@host:1/x", "redis://me:***@host:1/x"), ("redis://:p@ss@host", "redis://:***@host"),
            ("redis://host:1/a@b", "redis://host:1/a@b"), ("redis://me@host", "redis://me@host"),
            ("redis://me:p/ss@host", "redis://me:***@host"), ("redis://me:p?ss@host", "redis://me:***@host"),
            ("redis://me:p#ss@host:1", "redis://me:***@host:1"), ("redis://:@host", "redis://:***@host"),
            ("redis://a@b:1", "redis://a@b:1"),
            ("postgres://me:pw@host/db?user=a@b", "postgres://me:***@host/db?user=a@b"),
            ("postgres://host/db?password=pw&a=1", "postgres://host/db?password=***&a=1"),
            ("postgres://host/db?p%61ssword=p?w", "postgres://host/db?p%61ssword=***"),
            ("\"redis://me:pass@host\" is wrong", "\"redis://me:***@host\" is wrong"),
            ("--backplane=redis://me:pass@host", "--backplane=redis://me:***@host"), ("://", "://"),
            ("x://:", "x://:"), ("x://@:", "x://@:"),
            ("http://me:pass@host/path?Token=a&b=c", "http://me:***@host/path?Token=***&b=c"),
            ("http://key@host:1/a@b", "http://***@host:1/a@b"), ("http://host/a@b", "http://host/a@b"),
            ("unix:/run/site.sock:/auth?secret=a", "unix:/run/site.sock:/auth?secret=***"),
        ])
    func address(text: String, masked: String) {
        #expect(Secrets.masked(text) == masked)
    }

    @Test("the value of a secret option is hidden as a whole")
    func secretOption() {
        let option = CommandOption(name: "token", value: "TEXT", defaultValue: "", help: "", isSecret: true)
        #expect(Secrets.masked("abc", of: option) == "***" && Secrets.masked("", of: option).isEmpty)
    }
}
