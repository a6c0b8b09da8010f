/// The kinds of JSON value, with separate cases for `true` and `false` (RFC 8259 §3).
public enum JSONKind: Sendable, Equatable {
    /// A text in quotation marks.
    case string
    /// A number, with or without a fraction and an exponent.
    case number
    /// A collection of names and values.
    case object
    /// A list of values.
    case array
    /// The literal `true`.
    case `true`
    /// The literal `false`.
    case `false`
    /// The literal `null`.
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
