/// The reason why a text is not valid JSON, or exceeds a limit of this server.
public enum JSONError: Error, Equatable, Sendable {
    /// The text ends inside a value.
    case unexpectedEnd
    /// The grammar of RFC 8259 does not allow this byte at this offset of the scanned array.
    case unexpectedByte(UInt8, offset: Int)
    /// The container that opens at this offset exceeds `JSONScanner.depthLimit`.
    case tooDeep(offset: Int)
    /// The text is too long for 32-bit offsets.
    case tooLong
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd:
            "the JSON text ends inside a value"
        case .unexpectedByte(let byte, let offset):
            "unexpected byte 0x\(String(byte, radix: 16)) at offset \(offset) of the JSON text"
        case .tooDeep(let offset):
            "JSON nested deeper than \(JSONScanner.depthLimit) levels at offset \(offset)"
        case .tooLong:
            "JSON text longer than \(UInt32.max) bytes"
        }
    }
}
