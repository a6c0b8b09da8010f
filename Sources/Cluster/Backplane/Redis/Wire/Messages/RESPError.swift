/// The reason why a server's bytes cannot be decoded. Nothing after them can be decoded either.
package enum RESPError: Error, Equatable, Sendable {
    /// No value begins with this byte.
    case unknownKind(UInt8)
    /// The value does not have the form of its kind.
    case malformed(String)
    /// The length or count is impossible for the kind.
    case badLength(String, Int64)
    /// A line has more bytes than the limit.
    case lineTooLong(limit: Int)
    /// A value has more bytes than the limit.
    case valueTooLarge(limit: Int)
    /// A value has more elements than the limit.
    case tooManyElements(limit: Int)
    /// Aggregates are nested more deeply than the limit.
    case tooDeep(limit: Int)
}

extension RESPError: CustomStringConvertible {
    /// One line for the operator.
    package var description: String {
        switch self {
        case .unknownKind(let byte): "the server does not speak Redis's protocol: no value begins with byte \(byte)"
        case .malformed(let kind): "the server sent a malformed value (\(kind))"
        case .badLength(let kind, let length): "the server sent a value of impossible length \(length) (\(kind))"
        case .lineTooLong(let limit): "the server sent a line of more than \(limit) bytes"
        case .valueTooLarge(let limit): "the server sent a value of more than \(limit) bytes"
        case .tooManyElements(let limit): "the server sent a value of more than \(limit) elements"
        case .tooDeep(let limit): "the server sent a value with more than \(limit) levels"
        }
    }
}
