import TestSupport
import Testing

@testable import chatd

@Suite("Configuration file: lines with names and values")
struct ConfigurationFileTests {
    private static let keys = ["port", "ping-interval", "db"]

    private func file(_ text: String) -> ConfigurationFile {
        ConfigurationFile(Array(text.utf8), name: "a.conf", keys: Self.keys)
    }

    @Test(
        "a value is the rest of the line without the blanks around it, or what is between quotes",
        arguments: [
            ("db=x", "x"), ("  db\t=  a b \r", "a b"), ("db = a=b", "a=b"), ("db = a#b", "a#b"), ("db =", ""),
            ("db = \"\"", ""), ("db = \" x # \"", " x # "), ("db = 'a\"b'", "a\"b"), ("db = \"a\\n\"", "a\\n"),
            ("db = a\"b", "a\"b"), ("db = \"a\"b\"", "a\"b"), ("\u{FEFF}db = x", "x"), ("db = ä", "ä"),
            ("# port = 1\n\n   # x\ndb = x\n", "x"), ("db = #x", "#x"),
        ])
    func values(text: String, value: String) {
        let file = file(text)
        #expect(file.problems.isEmpty && file.entries.mapValues(\.value) == ["db": value])
    }

    @Test("each value has the number of its line")
    func lines() {
        let file = file("# first\r\nport = 1\r\n\r\nping-interval = 2")
        #expect(file.entries == ["port": .init(value: "1", line: 2), "ping-interval": .init(value: "2", line: 4)])
    }

    @Test(
        "an error names the file, the line and the mistake",
        arguments: [
            ("port", "a.conf:1: the line is not NAME = VALUE: it has no equals sign"),
            ("= 1", "a.conf:1: the line is not NAME = VALUE: the name is not that of an option"),
            ("colour = 1", "a.conf:1: unknown key colour"),
            ("\n\nprot = 1", "a.conf:3: unknown key prot (did you mean port?)"),
            ("--port = 1", "a.conf:1: unknown key --port (did you mean port?)"),
            ("CHATD_PING_INTERVAL=1", "a.conf:1: unknown key CHATD_PING_INTERVAL (did you mean ping-interval?)"),
            ("Port = 1", "a.conf:1: unknown key Port (did you mean port?)"),
            ("config = x", "a.conf:1: config is not allowed in the file: a file cannot name another one"),
            ("port = 1\nport = 1", "a.conf:2: port is set twice: first in line 1"),
            (
                "port = 1 # x",
                "a.conf:1: port: a comment needs a line of its own; if # is a part of the value, quote the value"
            ),
            ("db = \"x", "a.conf:1: db: the quote at the beginning has none at the end"),
            ("db = '", "a.conf:1: db: the quote at the beginning has none at the end"),
            ("db = a\0b", "a.conf:1: the line has a control character"),
            ("db = a\u{1B}[2Jb", "a.conf:1: the line has a control character"),
            (
                "redis://me:secret@host/?a=1",
                "a.conf:1: the line is not NAME = VALUE: the name is not that of an option"
            ),
        ])
    func mistakes(text: String, message: String) {
        #expect(file(text).problems.map(\.description) == [message])
    }

    @Test("a value that is not UTF-8 is refused")
    func encoding() {
        let file = ConfigurationFile(Array("db = ".utf8) + [0xFF], name: "a.conf", keys: Self.keys)
        #expect(file.problems.map(\.description) == ["a.conf:1: db: the value is not UTF-8 text"])
    }

    @Test("every mistake is found, and the other lines are read")
    func everyMistake() {
        let file = file("a = 1\nport = 1\nb\n")
        #expect(file.problems.count == 2 && file.entries.keys.sorted() == ["port"])
    }

    @Test("any bytes are read without a trap, and each line has a value, a mistake or nothing")
    func fuzzing() {
        var random = SplitMix64(seed: 7)
        let pieces = ["port", "db", "=", " ", "#", "\"", "'", "\n", "\r", "\0", "x", "\t", "ping-interval", "ä"]
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int(random.next() % 24) {
                let piece = pieces[Int(random.next() % UInt64(pieces.count))]
                bytes += random.next() % 9 == 0 ? [UInt8(truncatingIfNeeded: random.next())] : Array(piece.utf8)
            }
            let file = ConfigurationFile(bytes, name: "a.conf", keys: Self.keys)
            let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
            #expect(file.entries.count + file.problems.count <= lineCount)
            #expect(file.entries.values.allSatisfy { !$0.value.contains("\n") && !$0.value.contains("\0") })
        }
    }
}
