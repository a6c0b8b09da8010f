/// The kinds of JSON value, with separate cases for `true` and `false` (RFC 8259 §3).
public enum JSONKind: Sendable, Equatable {
    case string
    case number
    case object
    case array
    case `true`
    case `false`
    case null

    /// The kind of the value that begins with `byte`, or nil if no JSON value begins with it.
    init?(firstByte byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self = .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
        case UInt8(ascii: "{"): self = .object
        case UInt8(ascii: "["): self = .array
        case UInt8(ascii: "t"): self = .true
        case UInt8(ascii: "f"): self = .false
        case UInt8(ascii: "n"): self = .null
        default: return nil
        }
    }
}
