/// The four-byte key with which a client masks a frame's payload (RFC 6455 section 5.3).
///
/// The key rotates as it is used, so that no position has to be kept while a payload arrives in pieces.
struct WebSocketMaskingKey {
    /// The key's bytes in the order of use, with the next one in the lowest bits.
    private var bytes: UInt32 = 0

    /// Reads the key's next byte from the header. The fourth byte completes it.
    mutating func append(_ byte: UInt8) {
        bytes = bytes >> 8 | UInt32(byte) << 24
    }

    /// Unmasks the next piece of a payload into `output`, eight bytes at a time.
    ///
    /// - Parameters:
    ///   - masked: the bytes as received.
    ///   - output: a buffer with room for as many bytes as `masked` has.
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
    /// Unmasks a piece of a payload and appends it.
    ///
    /// Memory grows with the received bytes, not with the announced size. A frame that has arrived completely gets
    /// exactly its size. For a partial frame, the array gets twice the size of the first piece, and then doubles until
    /// it has the frame's size.
    ///
    /// - Parameters:
    ///   - masked: the bytes as received.
    ///   - key: the frame's key, rotated to this piece.
    ///   - expected: the number of bytes missing from the frame, including this piece.
    mutating func append(
        unmasking masked: UnsafeRawBufferPointer, with key: inout WebSocketMaskingKey, expected: Int
    ) {
        if masked.count < expected, capacity - count < masked.count {
            let wanted = Swift.min(count + expected, Swift.max((count + masked.count) * 2, 512))
            // Grow by at least half, so that a message of many small fragments is not copied once for each of them.
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
