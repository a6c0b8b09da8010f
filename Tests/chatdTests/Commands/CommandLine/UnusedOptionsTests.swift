import Testing

@testable import chatd

@Suite("Options without effect: a warning at the start, and a note of chatd check")
struct UnusedOptionsTests {
    @Test(
        "a value that another option makes ineffective is named, unless it is the default",
        arguments: [
            ("--synchronous=normal --db=postgres://a@b/c", "--synchronous: this has no effect with PostgreSQL"),
            ("--synchronous=full --db=postgres://a@b/c", nil), ("--synchronous=normal", nil),
            ("--admin-host=::1", "--admin-host: this has no effect without --admin-port"),
            ("--admin-host=::1 --admin-port=0", nil), ("--admin-host=localhost", nil),
            ("--backplane-patience=9", "--backplane-patience: this has no effect without --backplane"),
            ("--backplane-outage=fail", "--backplane-outage: this has no effect without --backplane"),
            ("--backplane-patience=9 --backplane-outage=fail --backplane=redis://h", nil),
            ("--backplane-outage=local", nil),
            ("--auth-timeout=100", "--auth-timeout: this has no effect without an address in --auth"),
            ("--auth-concurrency=9", "--auth-concurrency: this has no effect without an address in --auth"),
            ("--auth-timeout=100 --auth-concurrency=9 --max-rooms=9 --auth=http://h/", nil),
            ("--max-rooms=9", "--max-rooms: this has no effect without --auth"), ("--max-rooms=100", nil),
        ] as [(String, String?)])
    func unused(line: String, warning: String?) throws {
        let options = try ServeOptions(line.split(separator: " ").map(String.init), environment: [:])
        #expect(options.warnings == [warning].compactMap { $0 })
    }
}
