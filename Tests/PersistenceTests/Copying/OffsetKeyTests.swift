import TestSupport
import Testing

@testable import Persistence

@Suite("Copying: keys of messages")
struct OffsetKeyTests {
    private static let a = hash("a")
    private static let keptKeys: [(String, String)] = [
        ("", ""), ("x-1", "x-1"), ("é\n\u{2}", "é\n\u{2}"),
        ("x\0\(a)", "x\u{1}\(a)"), ("\0\(a)", "\u{1}\(a)"), ("x\0\(a)\0\(a)", "x\u{1}\(a)\u{1}\(a)"),
        (String(repeating: "x", count: 256), String(repeating: "x", count: 256)),
    ]
    private static let refusedTexts: [(String, RowChange)] = [
        ("a\u{1}", .offsetWithSeparator), ("\u{1}\0\(a)", .offsetWithSeparator),
        ("a\0", .offsetWithNUL), ("a\0b", .offsetWithNUL), ("a\0\(a.uppercased())", .offsetWithNUL),
        ("a\0\0\(a)", .offsetWithNUL), ("a\0\(a)0", .offsetWithNUL),
        (String(repeating: "é", count: 128) + "x", .offsetTooLong),
        (String(repeating: "\0\(a)", count: 33), .offsetTooLong),
    ]

    @Test("U+0000 between an offset and its hashes becomes U+0001", arguments: keptKeys)
    func converted(key: String, expected: String) throws {
        let parsed = try OffsetKey(.text(Array(key.utf8)))
        #expect(parsed.inPostgreSQL == Array(expected.utf8))
        #expect(parsed.inSQLite == Array(key.utf8))
    }

    @Test("PostgreSQL cannot have these texts as keys", arguments: refusedTexts)
    func refused(text: String, reason: RowChange) {
        #expect(throws: reason) { try OffsetKey(.text(Array(text.utf8))) }
    }

    @Test(
        "PostgreSQL cannot have other values than texts as keys",
        arguments: [
            (.blob([0x61]), .offsetNotText), (.integer(5), .offsetNotText), (.text([0x61, 0xFF]), .offsetNotUTF8),
            (.text([0xED, 0xA0, 0x80]), .offsetNotUTF8),
        ] as [(SourceValue, RowChange)])
    func refused(value: SourceValue, reason: RowChange) {
        #expect(throws: reason) { try OffsetKey(value) }
    }

    @Test("a derived key that ends anywhere is an offset, or it is refused")
    func cut() {
        let key = Array("é\0\(Self.a)\0\(hash("b"))".utf8)
        for end in key.indices {
            let isWhole = [0, 2, 67].contains(end)
            expect(Array(key[..<end]), end == 1 ? .offsetNotUTF8 : isWhole ? nil : .offsetWithNUL)
        }
    }

    private func expect(_ key: [UInt8], _ expected: RowChange?) {
        do {
            _ = try OffsetKey(.text(key))
            #expect(expected == nil)
        } catch {
            #expect(error == expected)
        }
    }

    @Test("random bytes are refused, or both forms are as long, valid and without the other separator")
    func random() {
        var random = SplitMix64(seed: 11)
        let alphabet = Array("\0\0\u{1}x0af".utf8) + [0xC3, 0xA9, 0xFF]
        var pieces: [[UInt8]] = alphabet.map { [$0] }
        pieces.append(Array("\0\(Self.a)".utf8))
        var accepted = 0
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...4, using: &random)).flatMap { _ in
                pieces[Int.random(in: pieces.indices, using: &random)]
            }
            guard let key = try? OffsetKey(.text(bytes)) else { continue }
            accepted += 1
            #expect(key.inSQLite == bytes && key.inPostgreSQL.count == bytes.count)
            #expect(!key.inPostgreSQL.contains(0) && !bytes.contains(1))
            #expect(String(validating: key.inPostgreSQL, as: UTF8.self) != nil)
        }
        #expect(accepted > 500)
    }
}
