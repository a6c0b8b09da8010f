import Actors

extension WireWriter {
    mutating func append(_ use: SharedUse) {
        append(UInt64(use.connections))
        append(each: use.addresses) { writer, address in
            writer.append(address.name)
            for count in [address.connections, address.sessions, address.handshakes] { writer.append(UInt64(count)) }
        }
        append(each: use.identities) { writer, identity in
            writer.append(identity.id)
            for count in [identity.messages, identity.bytes, identity.historyBytes] { writer.append(UInt64(count)) }
        }
    }
}

extension WireReader {
    /// The largest count. No worker has more, and sums stay far from an overflow.
    private static let maxCount = 1 << 40
    private static let countSize = MemoryLayout<UInt64>.size

    mutating func sharedUse() throws(CodecError) -> SharedUse {
        SharedUse(
            connections: try count(),
            addresses: try each(ofAtLeast: Self.lengthSize + 3 * Self.countSize) { reader throws(CodecError) in
                SharedUse.Address(
                    name: try reader.text(), connections: try reader.count(), sessions: try reader.count(),
                    handshakes: try reader.count())
            },
            identities: try each(ofAtLeast: Self.lengthSize + 3 * Self.countSize) { reader throws(CodecError) in
                SharedUse.Identity(
                    id: try reader.text(), messages: try reader.count(), bytes: try reader.count(),
                    historyBytes: try reader.count())
            })
    }

    private mutating func count() throws(CodecError) -> Int {
        let count = try size()
        guard count <= Self.maxCount else { throw .badValue }
        return count
    }
}
