import Actors
import Transport

/// The fields of an entry in the stream of the Redis Streams adapter 0.3.
///
/// `data` is JSON, or MessagePack in base64, which never begins with `{`.
package enum StreamEntry {
    /// The fields of a message, for XADD.
    /// - Parameter onlyPlaintext: True to write binary data as JSON too.
    package static func fields(
        of message: ClusterMessage, onlyPlaintext: Bool = false
    ) -> [(name: String, value: [UInt8])] {
        var fields = [
            (name: MessageKey.uid.rawValue, value: Array(message.uid.utf8)),
            (MessageKey.nsp.rawValue, Array(message.namespace.utf8)),
            (MessageKey.type.rawValue, Array(String(message.content.type.rawValue).utf8)),
        ]
        if let data = message.content.data {
            let isPacked = ClusterEncoding.stream(onlyPlaintext: onlyPlaintext).usesMessagePack(for: message, data)
            fields.append((MessageKey.data.rawValue, isPacked ? Base64.encode(data.messagePack) : data.json))
        }
        if let stamp = message.stamp { fields.append((MessageKey.chatd.rawValue, stamp.tree.json)) }
        return fields
    }

    /// Reads the message of an entry.
    /// - Parameter fields: The names and values in turn, as Redis reports them. Unknown fields are ignored; if a name
    ///   repeats, the last field counts.
    /// - Throws: ``FormatError`` if the fields are not a message, or exceed a limit.
    package static func message(
        _ fields: [[UInt8]], limits: FormatLimits = FormatLimits()
    ) throws(FormatError) -> ClusterMessage {
        guard fields.reduce(0, { $0 + $1.count }) <= Base64.encodedCount(limits.message) else {
            throw .tooLarge(limit: limits.message)
        }
        var values: [MessageKey: [UInt8]] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) where fields[index].count <= MessageKey.maxLength {
            guard let key = MessageKey(rawValue: String(decoding: fields[index], as: UTF8.self)) else { continue }
            values[key] = fields[index + 1]
        }
        let object = try head(values, limits)
        let namespace = try object.namespace()
        return ClusterMessage(
            uid: try object.identifier(.uid), namespace: namespace,
            content: try ClusterMessage.Content(try type(values), of: namespace) { () throws(FormatError) in
                try data(values, limits)
            },
            stamp: try stamp(values, limits))
    }

    /// The fields that are plain texts, as an object.
    private static func head(
        _ values: [MessageKey: [UInt8]], _ limits: FormatLimits
    ) throws(FormatError) -> MessageObject {
        var members: [(String, JSONText)] = []
        for key in [MessageKey.uid, .nsp] {
            guard let value = values[key] else { throw .missing(key) }
            guard UTF8Validator.isValid(value) else { throw .invalidText }
            members.append((key.rawValue, JSONText(utf8String: value)))
        }
        return try MessageObject(MixedValue(JSONText(object: members)), limits: limits)
    }

    private static func type(_ values: [MessageKey: [UInt8]]) throws(FormatError) -> Int {
        guard let text = values[.type] else { throw .missing(.type) }
        // Digits only, because `Int.init` would accept a sign too.
        guard 1...9 ~= text.count, text.allSatisfy({ (0x30...0x39).contains($0) }),
            let type = Int(String(decoding: text, as: UTF8.self))
        else { throw .invalid(.type) }
        return type
    }

    private static func data(
        _ values: [MessageKey: [UInt8]], _ limits: FormatLimits
    ) throws(FormatError) -> MessageObject {
        guard let text = values[.data] else { throw .missing(.data) }
        let isJSON = text.first == UInt8(ascii: "{")
        let value = isJSON ? try MixedValue(json: text, limits: limits) : try MixedValue(base64: text, limits: limits)
        return try MessageObject(value, limits: limits)
    }

    private static func stamp(
        _ values: [MessageKey: [UInt8]], _ limits: FormatLimits
    ) throws(FormatError) -> EventStamp? {
        guard let text = values[.chatd] else { return nil }
        let value = try MixedValue(json: text, limits: limits)
        let object = JSONText(object: [(MessageKey.chatd.rawValue, value.json)])
        return try EventStamp(of: try MessageObject(MixedValue(object), limits: limits))
    }
}
