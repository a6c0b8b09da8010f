/// What a row lost on its way to PostgreSQL.
///
/// A row without a client offset cannot be recognized as a repeat. This is safe for the offsets that are dropped: chatd
/// refuses such an offset from a client, so that no client can send the message again.
package enum RowChange: Error, CaseIterable, Sendable {
    case contentWithNUL
    case contentNotUTF8
    case author
    case createdAt
    case offsetWithSeparator
    case offsetWithNUL
    case offsetTooLong
    case offsetNotUTF8
    case offsetNotText
    case offsetNotUnique
}

extension RowChange: CustomStringConvertible {
    package var description: String {
        switch self {
        case .contentWithNUL: "U+0000 in the text became U+FFFD"
        case .contentNotUTF8: "bytes of the text that were not UTF-8 became U+FFFD"
        case .author: "the author was cut at U+0000, or bytes of it that were not UTF-8 became U+FFFD"
        case .createdAt: "created_at was not a whole number"
        case .offsetWithSeparator: "the client offset was dropped: it contains U+0001"
        case .offsetWithNUL: "the client offset was dropped: it contains U+0000"
        case .offsetTooLong: "the client offset was dropped: it has more than \(OffsetKey.maxOffsetBytes) bytes"
        case .offsetNotUTF8: "the client offset was dropped: it is not UTF-8"
        case .offsetNotText: "the client offset was dropped: it is not text"
        case .offsetNotUnique: "the client offset was dropped: another message has the same offset and the same text"
        }
    }
}
