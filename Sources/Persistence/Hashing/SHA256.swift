/// SHA-256 (FIPS 180-4), for the keys of messages that share a client offset, for names derived from a secret, and for
/// passwords.
package enum SHA256 {
    /// The digest of `message` as 64 lower-case hexadecimal digits.
    package static func hexadecimal(_ message: [UInt8]) -> [UInt8] {
        let digits: StaticString = "0123456789abcdef"
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for word in words(of: message) {
            for shift in stride(from: UInt32(28), through: 0, by: -4) {
                text.append(digits.utf8Start[Int(word >> shift & 0xF)])
            }
        }
        return text
    }

    /// The digest of `message` as 32 bytes.
    package static func digest(_ message: [UInt8]) -> [UInt8] {
        bytes(of: words(of: message))
    }

    /// The state before the first block (5.3.3).
    static let initialState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The state after a first block of 64 bytes.
    static func state(after block: [UInt8]) -> [UInt32] {
        var state = initialState
        var schedule = [UInt32](repeating: 0, count: 64)
        compress(block[...], into: &state, schedule: &schedule)
        return state
    }

    /// The digest of a message as words.
    /// - Parameters:
    ///   - message: the message without its first blocks.
    ///   - state: the state after those blocks.
    ///   - blocks: their number.
    static func words(of message: [UInt8], after state: [UInt32] = initialState, blocks: Int = 0) -> [UInt32] {
        var state = state
        var schedule = [UInt32](repeating: 0, count: 64)
        let whole = message.count - message.count % 64
        for start in stride(from: 0, to: whole, by: 64) {
            compress(message[start..<start + 64], into: &state, schedule: &schedule)
        }
        // Padding (5.1.1): one bit, zeros up to 56 modulo 64, then the length in bits.
        var tail = Array(message[whole...])
        tail.append(0x80)
        tail.append(contentsOf: repeatElement(0, count: (120 - tail.count) % 64))
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            tail.append(UInt8(truncatingIfNeeded: (UInt64(message.count + 64 * blocks) &* 8) >> shift))
        }
        for start in stride(from: 0, to: tail.count, by: 64) {
            compress(tail[start..<start + 64], into: &state, schedule: &schedule)
        }
        return state
    }

    /// The digest of a message that is a block and a digest: the fast path of a key derivation.
    /// - Parameters:
    ///   - digest: the message without the block.
    ///   - state: the state after the block.
    ///   - schedule: 64 words, which are overwritten.
    static func words(ofDigest digest: [UInt32], after state: [UInt32], schedule: inout [UInt32]) -> [UInt32] {
        for index in 0..<8 {
            schedule[index] = digest[index]
            schedule[8 + index] = 0
        }
        // The padding of 96 bytes.
        schedule[8] = 0x8000_0000
        schedule[15] = 96 * 8
        var state = state
        compress(into: &state, schedule: &schedule)
        return state
    }

    /// Words as bytes, the most significant byte first.
    static func bytes(of words: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * words.count)
        for word in words {
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// Processes one block of 64 bytes (6.2.2).
    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32], schedule w: inout [UInt32]) {
        for t in 0..<16 {
            let at = block.startIndex + 4 * t
            w[t] =
                UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16 | UInt32(block[at + 2]) << 8
                | UInt32(block[at + 3])
        }
        compress(into: &state, schedule: &w)
    }

    /// Processes the block that is in the first 16 words of the schedule.
    private static func compress(into state: inout [UInt32], schedule w: inout [UInt32]) {
        for t in 16..<64 {
            let s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3
            let s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10
            w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let t1 = h &+ s1 &+ (e & f ^ ~e & g) &+ roundConstants[t] &+ w[t]
            let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let t2 = s0 &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() {
            state[index] = state[index] &+ value
        }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (4.2.2).
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
