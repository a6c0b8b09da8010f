import Actors
import Persistence
import Transport

/// The JSON form of a value of a row. Another program may have stored any storage class in any column, and any bytes.
///
///     text               "text"
///     text, not UTF-8    {"text": "BASE64"}
///     blob               {"blob": "BASE64"}
///     integer            7
///     real               {"real": "1.5"}
enum ExportValue {
    /// Returns nil for NULL, which is left out.
    static func json(_ value: SourceValue) -> JSONText? {
        switch value {
        case .null: nil
        case .integer(let number): JSONText(integer: Int(number))
        case .real(let number): tagged("real", Array(number.description.utf8))
        case .text(let bytes): text(bytes)
        case .blob(let bytes): tagged("blob", Base64.encode(bytes))
        }
    }

    static func text(_ bytes: [UInt8]) -> JSONText {
        guard (try? UTF8Span(validating: bytes.span)) != nil else { return tagged("text", Base64.encode(bytes)) }
        return JSONText(utf8String: bytes)
    }

    private static func tagged(_ tag: String, _ text: [UInt8]) -> JSONText {
        JSONText(object: [(tag, JSONText(utf8String: text))])
    }

    /// Returns nil for a value of another form.
    static func parse(_ text: JSONText) -> SourceValue? {
        switch text.kind {
        case .null: return .null
        case .string: return text.utf8String().map(SourceValue.text)
        case .number: return text.integer.map { .integer(Int64($0)) }
        case .object: return parseTagged(text)
        default: return nil
        }
    }

    private static func parseTagged(_ object: JSONText) -> SourceValue? {
        guard let members = object.members, members.count == 1, let (tag, value) = members.first,
            let text = value.utf8String()
        else { return nil }
        switch tag {
        case "text": return Base64.decode(text).map(SourceValue.text)
        case "blob": return Base64.decode(text).map(SourceValue.blob)
        case "real": return Double(String(decoding: text, as: UTF8.self)).map(SourceValue.real)
        default: return nil
        }
    }
}

extension SourceValue {
    /// True for the storage classes that a column of texts never has.
    var isNumber: Bool {
        switch self {
        case .integer, .real: true
        default: false
        }
    }
}
