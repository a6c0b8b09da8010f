/// A value that a server sends (RESP protocol specification, versions 2 and 3).
package enum RESPValue: Equatable, Sendable {
    /// A short text in one line, such as `OK`.
    case simple(String)
    /// A simple error or a bulk error.
    case error(RedisError)
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    /// An optional sign and decimal digits.
    case bigNumber(String)
    case bulk([UInt8])
    /// A text and its format, for example `txt`.
    case verbatim(format: String, [UInt8])
    case array([RESPValue])
    case set([RESPValue])
    /// Keys and values in alternation. In version 2 of the protocol, servers send an array instead.
    case map([RESPValue])
    /// Data that is not the answer to a command.
    case push([RESPValue])
    /// Any of the three forms of null.
    case null

    /// The text of a value; nil if it is neither a text nor bytes. Bytes that are not UTF-8 are replaced.
    var text: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes), .verbatim(_, let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}
