import Testing

@testable import Transport

@Suite("Base64 (RFC 4648)")
struct Base64Tests {
    @Test(
        "the vectors of section 10 are encoded, and decoded with and without padding",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        let bytes = [UInt8](plain.utf8)
        #expect(Base64.encodeToString(bytes) == encoded)
        #expect(Base64.encode(bytes) == [UInt8](encoded.utf8))
        #expect(Base64.encodedCount(bytes.count) == encoded.utf8.count)
        #expect(Base64.decode([UInt8](encoded.utf8)) == bytes)
        #expect(Base64.decode(encoded.utf8.filter { $0 != UInt8(ascii: "=") }) == bytes)
    }

    @Test("the last two characters of the alphabet are + and /")
    func alphabet() {
        #expect(Base64.encodeToString([0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64.decode([UInt8]("++//".utf8)) == [0xFB, 0xEF, 0xFF])
    }

    @Test("unused bits of the last character are ignored")
    func unusedBits() {
        #expect(Base64.decode([UInt8]("Zh==".utf8)) == [0x66])
        #expect(Base64.decode([UInt8]("Zm9".utf8)) == [0x66, 0x6F])
    }

    @Test(
        "text with a wrong length, wrong padding or another character is refused",
        arguments: [
            "A", "AAAAA", "=", "==", "====", "A=", "A==", "A===", "AA=", "AAA==", "AA==AAAA", "AAAA====", "AA=A",
            "=AAA",
            "AA A", "AAAA\n", "AA-_", "AAA\u{0}", "AAAé", "Zg==Zg==", "AAAA=",
        ])
    func invalid(text: String) {
        #expect(Base64.decode([UInt8](text.utf8)) == nil)
    }

    @Test("every byte outside the alphabet is refused at every position of a group of four")
    func alphabetOnly() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min ... .max {
            for place in 0..<3 {
                var text = [UInt8]("AAAAAAAA".utf8)
                text[place] = byte
                #expect((Base64.decode(text) != nil) == alphabet.contains(byte))
            }
        }
    }

    @Test("decoding reverses encoding", arguments: 0...70)
    func roundTrip(count: Int) {
        var generator = WebSocketTestGenerator(seed: UInt64(count))
        let bytes = generator.bytes(count)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test("a megabyte is encoded and decoded")
    func large() {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test("an encoding is appended to the existing text")
    func append() {
        var text = [UInt8](ascii: "b")
        let bytes: [UInt8] = [1, 2, 3]
        Base64.append(encoding: bytes.span.bytes, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == "bAQID")
    }
}

extension [UInt8] {
    fileprivate init(ascii text: String) {
        self.init(text.utf8)
    }
}
