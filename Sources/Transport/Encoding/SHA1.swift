/// The SHA-1 digest (RFC 3174), which the WebSocket handshake requires.
///
/// In the handshake it proves that the server understood the request. Redis can compute it in scripts, so it also names
/// values there. SHA-1 is not collision-resistant and must not be used where security depends on it.
package enum SHA1 {
    /// Returns the digest of a message: 20 bytes.
    package static func digest(_ message: [UInt8]) -> [UInt8] {
        var state = State()
        message.withUnsafeBytes { bytes in
            let end = bytes.count / blockSize * blockSize
            for offset in stride(from: 0, to: end, by: blockSize) {
                state.compress(bytes, at: offset)
            }
            let tail = padding(UnsafeRawBufferPointer(rebasing: bytes[end...]), messageCount: bytes.count)
            tail.withUnsafeBytes { tail in
                for offset in stride(from: 0, to: tail.count, by: blockSize) {
                    state.compress(tail, at: offset)
                }
            }
        }
        return state.bytes
    }

    private static let blockSize = 64

    /// Returns the last, partial block with the end mark and the message's length in bits: one block or two.
    private static func padding(_ rest: UnsafeRawBufferPointer, messageCount: Int) -> [UInt8] {
        var tail = [UInt8](rest)
        tail.append(0x80)
        while tail.count % blockSize != blockSize - 8 {
            tail.append(0)
        }
        withUnsafeBytes(of: (UInt64(messageCount) &* 8).bigEndian) { tail.append(contentsOf: $0) }
        return tail
    }

    private struct State {
        private var a: UInt32 = 0x6745_2301
        private var b: UInt32 = 0xEFCD_AB89
        private var c: UInt32 = 0x98BA_DCFE
        private var d: UInt32 = 0x1032_5476
        private var e: UInt32 = 0xC3D2_E1F0

        var bytes: [UInt8] {
            [a, b, c, d, e].flatMap { word in withUnsafeBytes(of: word.bigEndian) { [UInt8]($0) } }
        }

        mutating func compress(_ block: UnsafeRawBufferPointer, at offset: Int) {
            // Each of the 80 words of the schedule depends only on the 16 words before it, so a ring of 16 is enough.
            var words = InlineArray<16, UInt32>(repeating: 0)
            for index in 0..<16 {
                words[index] = UInt32(
                    bigEndian: block.loadUnaligned(fromByteOffset: offset + index * 4, as: UInt32.self))
            }
            var next = self
            for round in 0..<80 {
                if round >= 16 {
                    let mixed =
                        words[(round + 13) & 15] ^ words[(round + 8) & 15] ^ words[(round + 2) & 15] ^ words[round & 15]
                    words[round & 15] = mixed.rotatedLeft(by: 1)
                }
                next.turn(round, words[round & 15])
            }
            a &+= next.a
            b &+= next.b
            c &+= next.c
            d &+= next.d
            e &+= next.e
        }

        private mutating func turn(_ round: Int, _ word: UInt32) {
            let (mix, constant): (UInt32, UInt32) =
                switch round {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let sum = a.rotatedLeft(by: 5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (sum, a, b.rotatedLeft(by: 30), c, d)
        }
    }
}

extension UInt32 {
    fileprivate func rotatedLeft(by count: UInt32) -> UInt32 {
        self &<< count | self &>> (32 &- count)
    }
}
