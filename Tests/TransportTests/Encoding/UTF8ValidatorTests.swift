import Testing

@testable import Transport

@Suite("UTF-8 validator: it fails at the first invalid byte (Autobahn 6)")
struct UTF8ValidatorTests {
    /// Invalid texts, and the number of bytes before the first byte that makes each invalid.
    static let invalidTexts: [(bytes: [UInt8], validCount: Int)] = [
        ([0x80], 0), ([0xBF], 0), ([0x61, 0x80], 1),  // a continuation byte alone
        ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0),  // overlong
        ([0xE0, 0x80, 0xAF], 1), ([0xE0, 0x9F, 0xBF], 1), ([0xF0, 0x80, 0x80, 0xAF], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1),
        ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1),  // surrogates
        ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF5, 0x80], 0), ([0xFF], 0), ([0xFE], 0),  // above U+10FFFF
        ([0xF8, 0x88, 0x80, 0x80, 0x80], 0), ([0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], 0),  // five and six bytes
        ([0xCE, 0x41], 1), ([0xE1, 0xBD, 0x41], 2), ([0xF0, 0x9D, 0x84, 0xC3], 3),  // cut short
        ([UInt8]("0123456789ABCDEF".utf8) + [0xC0], 16),
    ]

    static let validTexts = [
        "", "a", "0123456789abcdef", "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}",
        "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "日本語テキスト", "mostly ASCII with € in it",
    ]

    @Test("valid text is accepted whole, byte by byte, and split anywhere", arguments: validTexts)
    func valid(text: String) {
        let bytes = [UInt8](text.utf8)
        #expect(UTF8Validator.isValid(bytes))
        #expect(accepted(bytes) == bytes.count)
        for cut in 0...bytes.count {
            #expect(feed(bytes[..<cut], bytes[cut...]) == [true, true])
        }
    }

    @Test("an invalid text fails at its first invalid byte", arguments: invalidTexts)
    func invalid(bytes: [UInt8], validCount: Int) {
        #expect(!UTF8Validator.isValid(bytes))
        #expect(accepted(bytes) == validCount)
    }

    @Test(
        "an incomplete character is not an error yet, but the text is not complete",
        arguments: [
            [0xC2], [0xE0], [0xE0, 0xA0], [0xF0], [0xF0, 0x90], [0xF4, 0x8F, 0xBF],
        ] as [[UInt8]])
    func unfinished(bytes: [UInt8]) {
        var validator = UTF8Validator()
        let isPossible = bytes.withUnsafeBytes { validator.feed($0) }
        #expect(isPossible)
        #expect(!validator.isComplete)
        #expect(!UTF8Validator.isValid(bytes))
    }

    @Test("after a failure all further input is refused")
    func failureIsFinal() {
        #expect(feed([0xFF], [], [0x61]) == [false, false, false])
    }

    @Test("an invalid byte is found wherever it is within the eight bytes of a step", arguments: 0...24)
    func alignment(offset: Int) {
        var bytes = [UInt8](repeating: 0x61, count: 33)
        bytes[offset] = 0xFF
        #expect(accepted(bytes) == offset)
        #expect(!UTF8Validator.isValid(bytes))
        bytes.replaceSubrange(offset...offset, with: "€".utf8)
        #expect(UTF8Validator.isValid(bytes))
    }

    @Test("the validator agrees with the standard library on all pairs of bytes and on random sequences")
    func oracle() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max where UTF8Validator.isValid([first, second]) != isUTF8([first, second]) {
                Issue.record("\(first) \(second)")
            }
        }
        var generator = WebSocketTestGenerator(seed: 6)
        let leads: [UInt8] = [0x61, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5]
        for _ in 0..<20_000 {
            var bytes = [leads.randomElement(using: &generator) ?? 0]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes.append(UInt8.random(in: 0x78...0xC8, using: &generator))
            }
            if UTF8Validator.isValid(bytes) != isUTF8(bytes) { Issue.record("\(bytes)") }
        }
    }

    @Test("a validator occupies at most four bytes")
    func size() {
        #expect(MemoryLayout<UTF8Validator>.size <= 4)
    }

    private func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// Returns the results of one validator for each piece in turn.
    private func feed(_ pieces: ArraySlice<UInt8>...) -> [Bool] {
        var validator = UTF8Validator()
        return pieces.map { piece in piece.withUnsafeBytes { validator.feed($0) } }
    }

    /// Returns the number of bytes accepted, one at a time, before one is refused.
    private func accepted(_ bytes: [UInt8]) -> Int {
        var validator = UTF8Validator()
        return bytes.prefix { byte in withUnsafeBytes(of: byte) { validator.feed($0) } }.count
    }
}
