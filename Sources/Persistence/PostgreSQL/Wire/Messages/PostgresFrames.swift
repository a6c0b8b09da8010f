/// Splits the server's bytes into messages (PostgreSQL protocol, 55.1). The bytes may arrive in pieces of any size; the
/// work is linear in the number of bytes.
struct PostgresFrames {
    /// The start of a message: its kind and its length, which includes the length itself.
    struct Header {
        let kind: UInt8
        let length: Int
    }

    private var buffer: [UInt8] = []
    private var start = 0

    mutating func append(_ bytes: RawSpan) {
        if start == buffer.count {
            // Release the memory of a large message.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
            start = 0
        } else if start > 64 << 10, start > buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// The header of the next message; nil until it is complete.
    var header: Header? {
        guard buffer.count - start >= 5 else { return nil }
        let high = Int(buffer[start + 1]) << 24 | Int(buffer[start + 2]) << 16
        let length = high | Int(buffer[start + 3]) << 8 | Int(buffer[start + 4])
        return Header(kind: buffer[start], length: length)
    }

    /// Removes the next message and returns a reader of its body; nil until it is complete.
    /// - Parameter header: the message's header, whose length is at least 4.
    mutating func next(_ header: Header, _ kind: PostgresMessageKind) -> PostgresReader? {
        guard buffer.count - start > header.length else { return nil }
        let end = start + 1 + header.length
        defer { start = end }
        return PostgresReader(buffer, (start + 5)..<end, kind: kind)
    }
}
