/// Dates in MessagePack: the timestamp extension, type -1, in its three sizes, and type 0 with the milliseconds in
/// eight bytes, which the official parser wrote up to its version 3.0.1.
enum MessagePackTimestamp {
    /// The milliseconds since 1970; nil if the extension is no date.
    static func milliseconds(of value: MessagePackExtension, in message: [UInt8]) -> Double? {
        let content = message[value.content]
        switch (value.type, content.count) {
        case (0, 8) where value.isFixed:
            return Double(Int64(bitPattern: number(content)))
        case (-1, 4):
            return Double(number(content)) * 1000
        case (-1, 8):
            let bits = number(content)
            return milliseconds(seconds: Int64(bits & 0x3_FFFF_FFFF), nanoseconds: bits >> 34)
        case (-1, 12):
            return milliseconds(
                seconds: Int64(bitPattern: number(content.dropFirst(4))), nanoseconds: number(content.prefix(4)))
        default:
            return nil
        }
    }

    private static func milliseconds(seconds: Int64, nanoseconds: UInt64) -> Double {
        Double(seconds) * 1000 + Double(nanoseconds / 1_000_000)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
