/// Writes MessagePack in the shortest forms, as the official parser does: whole numbers in the fewest bytes, and other
/// numbers in 64 bits.
package struct MessagePackWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    mutating func appendNull() {
        bytes.append(0xC0)
    }

    package mutating func append(_ value: Bool) {
        bytes.append(value ? 0xC3 : 0xC2)
    }

    mutating func append(_ value: UInt64) {
        switch value {
        case ..<0x80: bytes.append(UInt8(value))
        case ...0xFF: append(0xCC, value, byteCount: 1)
        case ...0xFFFF: append(0xCD, value, byteCount: 2)
        case ...0xFFFF_FFFF: append(0xCE, value, byteCount: 4)
        default: append(0xCF, value, byteCount: 8)
        }
    }

    package mutating func append(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        switch value {
        case 0...: append(bits)
        case -0x20..<0: bytes.append(UInt8(truncatingIfNeeded: bits))
        case -0x80..<0: append(0xD0, bits, byteCount: 1)
        case -0x8000..<0: append(0xD1, bits, byteCount: 2)
        case -0x8000_0000..<0: append(0xD2, bits, byteCount: 4)
        default: append(0xD3, bits, byteCount: 8)
        }
    }

    mutating func append(_ value: Double) {
        append(0xCB, value.bitPattern, byteCount: 8)
    }

    /// Appends a string.
    /// - Parameter utf8: Valid UTF-8, shorter than 4 GiB.
    mutating func append(utf8: Span<UInt8>) {
        let count = UInt64(utf8.count)
        switch count {
        case ..<0x20: bytes.append(0xA0 | UInt8(count))
        case ...0xFF: append(0xD9, count, byteCount: 1)
        case ...0xFFFF: append(0xDA, count, byteCount: 2)
        default: append(0xDB, count, byteCount: 4)
        }
        bytes.append(copying: utf8)
    }

    package mutating func append(_ string: String) {
        append(utf8: string.utf8Span.span)
    }

    /// Appends a binary value, shorter than 4 GiB.
    mutating func append(binary: [UInt8]) {
        let count = UInt64(binary.count)
        switch count {
        case ...0xFF: append(0xC4, count, byteCount: 1)
        case ...0xFFFF: append(0xC5, count, byteCount: 2)
        default: append(0xC6, count, byteCount: 4)
        }
        bytes.append(contentsOf: binary)
    }

    /// Appends the head of an array. Its elements must follow.
    package mutating func appendArray(_ count: Int) {
        appendContainer(UInt64(count), short: 0x90, long: 0xDC)
    }

    /// Appends the head of a map. Its keys and values must follow in turn.
    package mutating func appendMap(_ count: Int) {
        appendContainer(UInt64(count), short: 0x80, long: 0xDE)
    }

    private mutating func appendContainer(_ count: UInt64, short: UInt8, long: UInt8) {
        switch count {
        case ..<0x10: bytes.append(short | UInt8(count))
        case ...0xFFFF: append(long, count, byteCount: 2)
        default: append(long + 1, count, byteCount: 4)
        }
    }

    private mutating func append(_ type: UInt8, _ value: UInt64, byteCount: Int) {
        bytes.append(type)
        for index in (0..<byteCount).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
