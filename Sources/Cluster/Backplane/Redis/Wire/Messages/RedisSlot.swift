/// The slots into which a cluster divides keys and the channels of sharded pub/sub (Redis cluster specification, "Key
/// distribution model").
package enum RedisSlot {
    /// The number of slots.
    package static let count = 16384

    /// The slot of a key or channel, from 0 to 16383: that of its hash tag, if it has one.
    package static func number(of key: [UInt8]) -> Int {
        let tag = hashTag(of: key)
        let checksum = tag.reduce(UInt16(0)) { checksum, byte in
            checksum << 8 ^ table[Int(UInt8(checksum >> 8) ^ byte)]
        }
        return Int(checksum) % count
    }

    /// The text between the first brace and the next closing brace. If it is empty, or a brace is missing, the tag is
    /// the whole key.
    private static func hashTag(of key: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[open...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key[...] }
        return key[(open + 1)..<close]
    }

    /// The checksums of single bytes. The checksum is CRC-16/XMODEM: polynomial 0x1021, initial value 0.
    private static let table: [UInt16] = (UInt16(0)..<256).map { byte in
        (0..<8).reduce(byte << 8) { checksum, _ in
            checksum & 0x8000 == 0 ? checksum << 1 : checksum << 1 ^ 0x1021
        }
    }
}
