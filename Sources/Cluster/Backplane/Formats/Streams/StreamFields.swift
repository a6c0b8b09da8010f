import Actors
import Transport

/// The fields of a received entry.
struct StreamFields {
    private var values: [MessageKey: [UInt8]] = [:]
    private let limits: FormatLimits

    /// - Parameter fields: The names and values in turn.
    init(_ fields: [[UInt8]], limits: FormatLimits) throws(FormatError) {
        guard fields.reduce(0, { $0 + $1.count }) <= Base64.encodedCount(limits.message) else {
            throw .tooLarge(limit: limits.message)
        }
        self.limits = limits
        for index in stride(from: 0, to: fields.count - 1, by: 2) where fields[index].count <= MessageKey.maxLength {
            guard let key = MessageKey(rawValue: String(decoding: fields[index], as: UTF8.self)) else { continue }
            values[key] = fields[index + 1]
        }
    }

    private func value(_ key: MessageKey) throws(FormatError) -> [UInt8] {
        guard let value = values[key] else { throw .missing(key) }
        return value
    }

    /// The fields that are plain texts, as an object.
    func head() throws(FormatError) -> MessageObject {
        var members: [(String, JSONText)] = []
        for key in [MessageKey.uid, .nsp] {
            let value = try value(key)
            guard UTF8Validator.isValid(value) else { throw .invalidText }
            members.append((key.rawValue, JSONText(utf8String: value)))
        }
        return try MessageObject(MixedValue(JSONText(object: members)), limits: limits)
    }

    /// The number of the message's type.
    func type() throws(FormatError) -> Int {
        let text = try value(.type)
        // Digits only, because `Int.init` would accept a sign too.
        guard 1...9 ~= text.count, text.allSatisfy({ (0x30...0x39).contains($0) }),
            let type = Int(String(decoding: text, as: UTF8.self))
        else { throw .invalid(.type) }
        return type
    }

    /// The object with the message's content.
    func data() throws(FormatError) -> MessageObject {
        let text = try value(.data)
        let isJSON = text.first == UInt8(ascii: "{")
        let value = isJSON ? try MixedValue(json: text, limits: limits) : try MixedValue(base64: text, limits: limits)
        return try MessageObject(value, limits: limits)
    }

    /// The stamp, or nil without one.
    func stamp() throws(FormatError) -> EventStamp? {
        guard let text = values[.chatd] else { return nil }
        let value = try MixedValue(json: text, limits: limits)
        let object = JSONText(object: [(MessageKey.chatd.rawValue, value.json)])
        return try EventStamp(of: try MessageObject(MixedValue(object), limits: limits))
    }
}
