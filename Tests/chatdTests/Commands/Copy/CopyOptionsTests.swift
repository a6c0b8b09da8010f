import Testing

@testable import chatd

@Suite("chatd copy: its options")
struct CopyOptionsTests {
    @Test("a file and a URL")
    func values() throws {
        let options = try CopyOptions(["--from", "a.db", "--to=postgres://b/c"], environment: [:])
        #expect(options.source == "a.db" && options.target == "postgres://b/c")
        let variables = ["CHATD_FROM": "a.db", "CHATD_TO": "postgresql://b/c"]
        #expect(try CopyOptions([], environment: variables).target == "postgresql://b/c")
    }

    @Test(
        "both are needed, each of its kind",
        arguments: [
            ([], "--from is needed: chatd copy --from FILE --to URL"),
            (["--from", "a"], "--to is needed: chatd copy --from FILE --to URL"),
            (["--from", "", "--to", "postgres://b/c"], "--from is needed: chatd copy --from FILE --to URL"),
            (["--from", "postgres://b/c", "--to", "postgres://b/c"], "--from: only an SQLite file can be copied"),
            (["--from", ":memory:", "--to", "postgres://b/c"], "--from: only an SQLite file can be copied"),
            (["--from", "a", "--to", "b"], "--to: the URL does not have the form postgres://USER@HOST/DATABASE"),
            (
                ["--from", "a", "--to", "postgres:/alice:secret@b/c"],
                "--to: the URL does not have the form postgres://USER@HOST/DATABASE"
            ),
            (
                ["--from", "a", "--to", "://alice:secret@b/c"],
                "--to: the URL does not have the form postgres://USER@HOST/DATABASE"
            ),
            (["--form", "a"], "unknown option --form (did you mean --from?)"),
        ] as [([String], String)])
    func refused(arguments: [String], reason: String) {
        #expect(throws: UsageError(description: reason)) { try CopyOptions(arguments, environment: [:]) }
    }
}
