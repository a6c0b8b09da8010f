import Glibc

/// MD5 (RFC 1321), for servers that still ask for passwords in this form. It protects nothing else.
enum MD5 {
    /// The digest of `message` as 32 lower-case hexadecimal digits.
    static func hexadecimal(_ message: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return digest(message).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
    }

    private static func digest(_ message: [UInt8]) -> [UInt8] {
        // Padding (3.1 and 3.2): one bit, zeros up to 56 modulo 64, then the length in bits, the lowest byte first.
        var padded = message
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        let bits = UInt64(message.count) &* 8
        for shift in stride(from: UInt64(0), to: 64, by: 8) { padded.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
        for start in stride(from: 0, to: padded.count, by: 64) { compress(padded, at: start, into: &state) }
        return state.flatMap { word in
            stride(from: UInt32(0), to: 32, by: 8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// Processes one block of 64 bytes (3.4).
    private static func compress(_ bytes: [UInt8], at start: Int, into state: inout [UInt32]) {
        let words = (0..<16).map { index in
            let at = start + 4 * index
            return UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                | UInt32(bytes[at + 3]) << 24
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for step in 0..<64 {
            let (mixed, index): (UInt32, Int) =
                switch step / 16 {
                case 0: (b & c | ~b & d, step)
                case 1: (b & d | c & ~d, (5 * step + 1) % 16)
                case 2: (b ^ c ^ d, (3 * step + 5) % 16)
                default: (c ^ (b | ~d), 7 * step % 16)
                }
            let sum = a &+ mixed &+ words[index] &+ sines[step]
            let shift = shifts[step / 16][step % 4]
            (a, b, c, d) = (d, b &+ (sum << shift | sum >> (32 - shift)), b, c)
        }
        for (index, value) in [a, b, c, d].enumerated() { state[index] = state[index] &+ value }
    }

    private static let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]

    /// The table of 3.4: the first 32 bits of the fractional parts of sines.
    private static let sines: [UInt32] = (1...64).map { UInt32(4_294_967_296 * abs(sin(Double($0)))) }
}
