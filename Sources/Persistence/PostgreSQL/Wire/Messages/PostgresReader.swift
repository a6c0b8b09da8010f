/// Reads the fields of one message (PostgreSQL protocol, 55.6). Every count is checked against the bytes that are left.
struct PostgresReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    private let kind: PostgresMessageKind

    init(_ bytes: [UInt8], _ body: Range<Int>, kind: PostgresMessageKind) {
        self.bytes = bytes
        position = body.lowerBound
        end = body.upperBound
        self.kind = kind
    }

    /// The number of bytes that are left.
    var remaining: Int { end - position }

    /// The error for a message whose fields do not have their form.
    var malformed: PostgresProtocolError { .malformedMessage("\(kind)") }

    mutating func byte() throws(PostgresProtocolError) -> UInt8 {
        guard position < end else { throw malformed }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func int16() throws(PostgresProtocolError) -> Int {
        guard remaining >= 2 else { throw malformed }
        let number = UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
        position += 2
        return Int(Int16(bitPattern: number))
    }

    mutating func int32() throws(PostgresProtocolError) -> Int32 {
        guard remaining >= 4 else { throw malformed }
        let high = UInt32(bytes[position]) << 24 | UInt32(bytes[position + 1]) << 16
        let low = UInt32(bytes[position + 2]) << 8 | UInt32(bytes[position + 3])
        position += 4
        return Int32(bitPattern: high | low)
    }

    mutating func bytes(_ count: Int) throws(PostgresProtocolError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw malformed }
        defer { position += count }
        return Array(bytes[position..<(position + count)])
    }

    /// A text that ends with a zero byte.
    mutating func string() throws(PostgresProtocolError) -> String {
        var index = position
        while index < end, bytes[index] != 0 { index += 1 }
        guard index < end else { throw malformed }
        defer { position = index + 1 }
        return String(decoding: bytes[position..<index], as: UTF8.self)
    }

    /// The fields of a row: for each its length, or -1 for NULL, and its bytes.
    mutating func row() throws(PostgresProtocolError) -> [[UInt8]?] {
        let count = try int16()
        guard count >= 0, 4 * count <= remaining else { throw malformed }
        var row: [[UInt8]?] = []
        row.reserveCapacity(count)
        for _ in 0..<count {
            let length = try int32()
            row.append(length == -1 ? nil : try bytes(Int(length)))
        }
        return row
    }

    /// Checks that nothing is left.
    func finish() throws(PostgresProtocolError) {
        guard remaining == 0 else { throw malformed }
    }
}
