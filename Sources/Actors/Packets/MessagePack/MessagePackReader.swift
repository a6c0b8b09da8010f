/// Reads MessagePack (github.com/msgpack/msgpack, spec.md) from a message, one token at a time, without allocation.
///
/// No length is trusted: a string or binary value must end inside the message, and a container's elements must fit into
/// the rest of it, with one byte for each.
struct MessagePackReader {
    private let message: [UInt8]
    private(set) var position = 0

    init(_ message: [UInt8]) {
        self.message = message
    }

    /// The number of bytes after the last token.
    var remaining: Int { message.count - position }

    /// Reads the next token.
    mutating func next() throws(MessagePackError) -> MessagePackToken {
        let byte = UInt8(try number(1))
        switch byte {
        case 0x00...0x7F: return .unsigned(UInt64(byte))
        case 0x80...0x8F: return try map(UInt64(byte & 0x0F))
        case 0x90...0x9F: return try array(UInt64(byte & 0x0F))
        case 0xA0...0xBF: return .string(try bytes(UInt64(byte & 0x1F)))
        case 0xC0: return .null
        case 0xC1: throw .unusedByte
        case 0xC2, 0xC3: return .bool(byte == 0xC3)
        case 0xC4...0xC6: return .binary(try bytes(try number(1 << (byte - 0xC4))))
        case 0xC7...0xC9: return try `extension`(try number(1 << (byte - 0xC7)), isFixed: false)
        case 0xCA: return .float(Double(Float(bitPattern: UInt32(try number(4)))))
        case 0xCB: return .float(Double(bitPattern: try number(8)))
        case 0xCC...0xCF: return .unsigned(try number(1 << (byte - 0xCC)))
        case 0xD0...0xD3: return try signed(1 << (byte - 0xD0))
        case 0xD4...0xD8: return try `extension`(1 << UInt64(byte - 0xD4), isFixed: true)
        case 0xD9...0xDB: return .string(try bytes(try number(1 << (byte - 0xD9))))
        case 0xDC, 0xDD: return try array(try number(2 << (byte - 0xDC)))
        case 0xDE, 0xDF: return try map(try number(2 << (byte - 0xDE)))
        default: return .negative(Int64(Int8(bitPattern: byte)))
        }
    }

    /// Reads a whole value without converting it.
    mutating func skipValue() throws(MessagePackError) {
        var missing = 1
        while missing > 0 {
            missing -= 1
            switch try next() {
            case .array(let count): missing += count
            case .map(let count): missing += 2 * count
            default: break
            }
        }
    }

    /// Reads an unsigned number of 1 to 8 bytes in network byte order.
    private mutating func number(_ byteCount: UInt8) throws(MessagePackError) -> UInt64 {
        guard remaining >= Int(byteCount) else { throw .truncated }
        var value: UInt64 = 0
        for index in position..<position + Int(byteCount) { value = value << 8 | UInt64(message[index]) }
        position += Int(byteCount)
        return value
    }

    private mutating func signed(_ byteCount: UInt8) throws(MessagePackError) -> MessagePackToken {
        let unused = 64 - 8 * Int(byteCount)
        let value = Int64(bitPattern: try number(byteCount) << unused) >> unused
        return value < 0 ? .negative(value) : .unsigned(UInt64(value))
    }

    private mutating func bytes(_ count: UInt64) throws(MessagePackError) -> Range<Int> {
        guard count <= UInt64(remaining) else { throw .truncated }
        let start = position
        position += Int(count)
        return start..<position
    }

    private mutating func `extension`(
        _ count: UInt64, isFixed: Bool
    ) throws(MessagePackError) -> MessagePackToken {
        let type = Int8(bitPattern: UInt8(try number(1)))
        return .extension(MessagePackExtension(type: type, content: try bytes(count), isFixed: isFixed))
    }

    private func array(_ count: UInt64) throws(MessagePackError) -> MessagePackToken {
        guard count <= UInt64(remaining) else { throw .truncated }
        return .array(Int(count))
    }

    private func map(_ count: UInt64) throws(MessagePackError) -> MessagePackToken {
        guard count <= UInt64(remaining / 2) else { throw .truncated }
        return .map(Int(count))
    }
}
