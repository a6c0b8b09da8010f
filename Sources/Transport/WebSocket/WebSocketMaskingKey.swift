/// The four bytes with which a client masks a frame's payload (RFC 6455 section 5.3).
///
/// The key turns as it is used, so that a payload in pieces of any size needs no position beside it.
struct WebSocketMaskingKey {
    /// The key's bytes in the order of their use, the next one lowest.
    private var bytes: UInt32 = 0

    /// Takes the key's next byte from the header; the fourth completes it.
    mutating func append(_ byte: UInt8) {
        bytes = bytes >> 8 | UInt32(byte) << 24
    }

    /// Unmasks the next piece of a payload into `output`, eight bytes at a time.
    ///
    /// - Parameters:
    ///   - masked: The bytes as they came.
    ///   - output: Room for as many bytes.
    mutating func unmask(_ masked: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        let word = UInt64(littleEndian: UInt64(bytes) << 32 | UInt64(bytes))
        var index = 0
        while masked.count - index >= 8 {
            let unmasked = masked.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word
            output.storeBytes(of: unmasked, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < masked.count {
            output[index] = masked[index] ^ UInt8(truncatingIfNeeded: bytes)
            bytes = bytes >> 8 | bytes << 24
            index += 1
        }
    }
}

extension [UInt8] {
    /// Appends a piece of a payload unmasked.
    ///
    /// Memory follows what has arrived, not what a header claims: a frame that is all there gets exactly its size, one
    /// that is not gets twice its first piece, and from then on the array doubles up to the frame's size.
    ///
    /// - Parameters:
    ///   - masked: The bytes as they came.
    ///   - key: The frame's key, turned to this piece.
    ///   - expected: How many bytes the frame still lacks, these included.
    mutating func append(
        unmasking masked: UnsafeRawBufferPointer, with key: inout WebSocketMaskingKey, expected: Int
    ) {
        if masked.count < expected, capacity - count < masked.count {
            let wanted = Swift.min(count + expected, Swift.max((count + masked.count) * 2, 512))
            // Never a little at a time: a message may have many fragments, each in pieces.
            reserveCapacity(Swift.max(wanted, capacity + capacity / 2))
        }
        append(addingCapacity: masked.count) { output in
            output.withUnsafeMutableBufferPointer { buffer, count in
                key.unmask(masked, into: UnsafeMutableRawBufferPointer(buffer))
                count = masked.count
            }
        }
    }
}
