/// A line that begins a value (RESP protocol specification). It is the whole value, or announces what follows.
enum RESPHeader {
    case value(RESPValue)
    /// So many bytes and CR LF follow.
    case payload(RESPKind, count: Int)
    /// So many elements, or pairs of elements, follow.
    case aggregate(RESPKind, count: Int)

    private static let carriageReturn: UInt8 = 0x0D
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// - Parameters:
    ///   - kind: the kind of the first byte.
    ///   - line: the line with its first byte and the carriage return, and without the line feed.
    init(_ kind: RESPKind, _ line: [UInt8]) throws(RESPError) {
        guard line.count >= 2, line.last == Self.carriageReturn else { throw .malformed("\(kind)") }
        let text = line[1..<(line.count - 1)]
        guard !text.contains(Self.carriageReturn) else { throw .malformed("\(kind)") }
        switch kind {
        case .array, .attribute, .map, .push, .set, .blobError, .bulk, .verbatim:
            try self.init(kind, length: text)
        default:
            guard let value = Self.value(kind, text) else { throw .malformed("\(kind)") }
            self = .value(value)
        }
    }

    private init(_ kind: RESPKind, length text: ArraySlice<UInt8>) throws(RESPError) {
        guard let number = Self.integer(text) else { throw .malformed("\(kind)") }
        if number == -1, kind == .array || kind == .bulk {
            self = .value(.null)
            return
        }
        guard number >= 0, let count = Int(exactly: number) else { throw .badLength("\(kind)", number) }
        switch kind {
        case .blobError, .bulk, .verbatim: self = .payload(kind, count: count)
        default: self = .aggregate(kind, count: count)
        }
    }

    /// A value that fits into its line; nil if it does not have the form of its kind.
    private static func value(_ kind: RESPKind, _ text: ArraySlice<UInt8>) -> RESPValue? {
        switch kind {
        case .simple: .simple(String(decoding: text, as: UTF8.self))
        case .error: .error(RedisError(text))
        case .integer: integer(text).map { .integer($0) }
        case .double: double(text).map { .double($0) }
        case .boolean: boolean(text).map { .boolean($0) }
        case .bigNumber: bigNumber(text).map { .bigNumber($0) }
        case .null: text.isEmpty ? .null : nil
        default: nil
        }
    }

    /// The number of decimal digits with an optional sign; nil if there are none, or if it does not fit.
    private static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        let unsigned = withoutSign(text)
        guard !unsigned.isEmpty else { return nil }
        // Negative, because the smallest number has no positive counterpart.
        var number: Int64 = 0
        for byte in unsigned {
            guard digits ~= byte else { return nil }
            let (product, isTooSmall) = number.multipliedReportingOverflow(by: 10)
            let (next, isStillTooSmall) = product.subtractingReportingOverflow(Int64(byte - digits.lowerBound))
            guard !isTooSmall, !isStillTooSmall else { return nil }
            number = next
        }
        guard text.first != UInt8(ascii: "-") else { return number }
        let (positive, isTooLarge) = Int64(0).subtractingReportingOverflow(number)
        return isTooLarge ? nil : positive
    }

    private static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        switch (text.first, text.count) {
        case (UInt8(ascii: "t"), 1): true
        case (UInt8(ascii: "f"), 1): false
        default: nil
        }
    }

    private static func double(_ text: ArraySlice<UInt8>) -> Double? {
        let decoded = String(decoding: text, as: UTF8.self)
        switch decoded {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan": return .nan
        default:
            // Swift also reads other words and hexadecimal numbers.
            let isDecimal = text.allSatisfy { digits ~= $0 || "+-.eE".utf8.contains($0) }
            return isDecimal ? Double(decoded) : nil
        }
    }

    private static func bigNumber(_ text: ArraySlice<UInt8>) -> String? {
        let unsigned = withoutSign(text)
        guard !unsigned.isEmpty, unsigned.allSatisfy({ digits ~= $0 }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    private static func withoutSign(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
    }
}
