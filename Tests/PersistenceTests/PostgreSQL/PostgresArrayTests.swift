import TestSupport
import Testing

@testable import Persistence

@Suite("PostgreSQL's array literals")
struct PostgresArrayTests {
    @Test(
        "elements are quoted and NULL is not",
        arguments: [
            ([], "{}"), ([nil], "{NULL}"), (["NULL"], #"{"NULL"}"#), ([""], #"{""}"#),
            (["a", nil, "b"], #"{"a",NULL,"b"}"#),
            ([#"a"b"#, #"c\d"#], #"{"a\"b","c\\d"}"#), (["{},; \n"], "{\"{},; \n\"}"), (["é"], #"{"é"}"#),
        ] as [([String?], String)])
    func encode(elements: [String?], literal: String) {
        let encoded = PostgresArray.encode(elements.map { $0.map { Array($0.utf8) } })
        #expect(String(decoding: encoded, as: UTF8.self) == literal)
    }

    @Test("random elements are found again in the literal")
    func roundTrip() {
        var random = SplitMix64(seed: 3)
        let alphabet = Array(#"a"\{},NUL "#.utf8) + [0x0A, 0xC3, 0xA9]
        for _ in 0..<500 {
            let elements = (0..<Int.random(in: 0...5, using: &random)).map { _ -> [UInt8]? in
                guard Int.random(in: 0..<5, using: &random) > 0 else { return nil }
                return (0..<Int.random(in: 0...8, using: &random)).map { _ in
                    alphabet[Int.random(in: alphabet.indices, using: &random)]
                }
            }
            #expect(Self.decode(PostgresArray.encode(elements)) == elements)
        }
    }

    /// Reads a literal as the server does (8.15.6).
    private static func decode(_ literal: [UInt8]) -> [[UInt8]?]? {
        guard literal.first == UInt8(ascii: "{"), literal.last == UInt8(ascii: "}") else { return nil }
        var rest = literal.dropFirst().dropLast()
        var elements: [[UInt8]?] = []
        while !rest.isEmpty {
            if rest.starts(with: "NULL".utf8) {
                elements.append(nil)
                rest = rest.dropFirst(4)
            } else {
                guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
                var element: [UInt8] = []
                while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                    guard byte == UInt8(ascii: "\\") else {
                        element.append(byte)
                        continue
                    }
                    guard let escaped = rest.popFirst() else { return nil }
                    element.append(escaped)
                }
                elements.append(element)
            }
            guard rest.isEmpty || rest.popFirst() == UInt8(ascii: ",") && !rest.isEmpty else { return nil }
        }
        return elements
    }
}
