import TestSupport

@testable import Actors

/// A random JSON value. Tests compare it with the value parsed from its text.
indirect enum JSONRandomValue: Equatable {
    case string(String)
    case integer(Int)
    case bool(Bool)
    case null
    case array([JSONRandomValue])
    case object([String: JSONRandomValue])

    static func make(depth: Int, using generator: inout SplitMix64) -> JSONRandomValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .string(randomString(using: &generator))
        case 1:
            return .integer(
                Int.random(in: Int.min...Int.max, using: &generator) >> Int.random(in: 0..<64, using: &generator))
        case 2: return .bool(Bool.random(using: &generator))
        case 3: return .null
        case 4:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in make(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0..<5, using: &generator)
            let members = (0..<count).map { _ in
                (randomString(using: &generator), make(depth: depth - 1, using: &generator))
            }
            return .object(Dictionary(members) { _, last in last })
        }
    }

    static func randomString(using generator: inout SplitMix64) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "€", "😀", "\u{2028}", "[", "]",
            "{", "}", ",", ":",
        ]
        var string = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<24, using: &generator) {
            string.append(scalars[Int.random(in: 0..<scalars.count, using: &generator)])
        }
        return String(string)
    }

    var text: JSONText {
        switch self {
        case .string(let value): JSONText(string: value)
        case .integer(let value): JSONText(integer: value)
        case .bool(let value): JSONText(bool: value)
        case .null: .null
        case .array(let values): JSONText(array: values.map(\.text))
        case .object(let members): JSONText(object: members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) })
        }
    }

    /// Returns true if `text` parses to this value.
    func matches(_ text: JSONText) -> Bool {
        switch self {
        case .string(let value): text.string == value && text.isString(value)
        case .integer(let value): text.integer == value
        case .bool(let value): text.bool == value
        case .null: text.isNull
        case .array(let values):
            text.elements.map { $0.count == values.count && zip(values, $0).allSatisfy { $0.matches($1) } } ?? false
        case .object(let members):
            text.kind == .object && members.allSatisfy { name, value in text[name].map(value.matches) ?? false }
        }
    }
}
