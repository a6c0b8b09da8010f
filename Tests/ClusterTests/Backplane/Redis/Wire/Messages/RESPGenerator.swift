import TestSupport

@testable import Cluster

/// Random values and their encodings.
struct RESPGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func bytes(_ counts: ClosedRange<Int> = 0...12) -> [UInt8] {
        (0..<number(in: counts)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// A value that is neither a push nor an attribute.
    mutating func value(depth: Int = 4) -> RESPValue {
        switch number(in: 0...(depth > 0 ? 11 : 8)) {
        case 0: .simple(text())
        case 1: .error(RedisError(prefix: "E\(number(in: 0...9))", message: text()))
        case 2: .integer(Int64.random(in: .min ... .max, using: &random) >> Int64(number(in: 0...63)))
        case 3: .double(Double(number(in: -1000...1000)) / 64)
        case 4: .boolean(number(in: 0...1) == 0)
        case 5: .bigNumber("\(number(in: -9...9))" + String(repeating: "7", count: number(in: 0...40)))
        case 6: .bulk(bytes())
        case 7: .verbatim(format: "txt", bytes())
        case 8: .null
        case 9: .array(values(0...4, depth: depth - 1))
        case 10: .set(values(0...4, depth: depth - 1))
        default: .map((0..<number(in: 0...2)).flatMap { _ in values(2...2, depth: depth - 1) })
        }
    }

    mutating func push() -> RESPValue { .push(values(0...3, depth: 2)) }

    private mutating func values(_ counts: ClosedRange<Int>, depth: Int) -> [RESPValue] {
        (0..<number(in: counts)).map { _ in value(depth: depth) }
    }

    private mutating func text() -> String {
        let letters = Array("abc é-:$*".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<number(in: 0...8) { text.append(letters[number(in: 0...(letters.count - 1))]) }
        return String(text)
    }

    /// Encodes a value as a server might: with all forms of null and errors, with attributes, and with pushes that come
    /// between elements.
    ///
    /// - Parameter pushes: gets the pushes; nil for none.
    mutating func encode(_ value: RESPValue, pushes: inout [RESPValue]?) -> [UInt8] {
        var bytes: [UInt8] = []
        if number(in: 0...9) == 0 {
            bytes += line("|1") + encode(self.value(depth: 1), pushes: &pushes) + line("+a")
        }
        if pushes != nil, number(in: 0...9) == 0 {
            let push = push()
            // A push has no pushes inside it.
            var none: [RESPValue]?
            bytes += encode(push, pushes: &none)
            pushes?.append(push)
        }
        switch value {
        case .simple(let text): bytes += line("+\(text)")
        case .error(let error):
            let text = "\(error.prefix) \(error.message)"
            bytes += number(in: 0...1) == 0 ? line("-\(text)") : payload("!", Array(text.utf8))
        case .integer(let number): bytes += line(":\(number)")
        case .double(let number): bytes += line(",\(number)")
        case .boolean(let isTrue): bytes += line(isTrue ? "#t" : "#f")
        case .bigNumber(let digits): bytes += line("(\(digits)")
        case .bulk(let content): bytes += payload("$", content)
        case .verbatim(let format, let content): bytes += payload("=", Array("\(format):".utf8) + content)
        case .null: bytes += line(["$-1", "*-1", "_"][number(in: 0...2)])
        case .array(let elements): bytes += aggregate("*\(elements.count)", elements, &pushes)
        case .set(let elements): bytes += aggregate("~\(elements.count)", elements, &pushes)
        case .map(let elements): bytes += aggregate("%\(elements.count / 2)", elements, &pushes)
        case .push(let elements): bytes += aggregate(">\(elements.count)", elements, &pushes)
        }
        return bytes
    }

    private mutating func aggregate(
        _ header: String, _ elements: [RESPValue], _ pushes: inout [RESPValue]?
    ) -> [UInt8] {
        var bytes = line(header)
        for element in elements { bytes += encode(element, pushes: &pushes) }
        return bytes
    }

    private func payload(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        line("\(kind)\(content.count)") + content + line("")
    }

    private func line(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }

    /// Changes a few bytes, mostly to values that have a meaning.
    mutating func mutate(_ valid: [UInt8]) -> [UInt8] {
        let meaningful = Array("\r\n0123456789-+:$*,#(!=%|~>_tf".utf8)
        var bytes = valid
        for _ in 0..<number(in: 1...3) where !bytes.isEmpty {
            let index = number(in: 0...(bytes.count - 1))
            let byte = meaningful[number(in: 0...(meaningful.count - 1))]
            switch number(in: 0...5) {
            case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes[index] = byte
            case 2: bytes.insert(byte, at: index)
            case 3: bytes.remove(at: index)
            case 4: bytes.insert(contentsOf: bytes[index..<min(index + 8, bytes.count)], at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }
}
