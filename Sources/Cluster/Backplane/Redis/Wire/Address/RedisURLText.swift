/// Percent-encoding (RFC 3986, section 2.1), and numbers.
enum RedisURLText {
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Decodes a part of an URL. It must be UTF-8 without zero bytes.
    static func decode(_ text: ArraySlice<UInt8>) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                throw .badEncoding
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else { throw .badEncoding }
        return decoded
    }

    /// Encodes everything but unreserved characters (RFC 3986, section 2.3).
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let encoded = text.utf8.flatMap { byte -> [UInt8] in
            isUnreserved(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// A decimal number of at most nine digits; nil if it is not in the range.
    static func number(_ text: [UInt8], in range: ClosedRange<Int>) -> Int? {
        guard 1...9 ~= text.count, text.allSatisfy({ digits ~= $0 }) else { return nil }
        let number = text.reduce(0) { 10 * $0 + Int($1 - digits.lowerBound) }
        return range ~= number ? number : nil
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), digits, UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case digits: byte - digits.lowerBound
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
