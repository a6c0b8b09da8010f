import Actors
import Transport

/// Entries in the stream of the Redis Streams adapter 0.3. `data` is JSON, or MessagePack in base64, which never begins
/// with `{`.
extension ClusterMessage {
    /// The names and values of the message's entry, for XADD.
    /// - Parameter onlyPlaintext: True to write binary data as JSON too.
    package func streamFields(onlyPlaintext: Bool = false) -> [(name: String, value: [UInt8])] {
        var fields = [
            (name: MessageKey.uid.rawValue, value: Array(uid.utf8)),
            (MessageKey.nsp.rawValue, Array(namespace.utf8)),
            (MessageKey.type.rawValue, Array(String(content.type.rawValue).utf8)),
        ]
        if let data = content.data {
            let isPacked = ClusterEncoding.stream(onlyPlaintext: onlyPlaintext).usesMessagePack(for: self, data)
            fields.append((MessageKey.data.rawValue, isPacked ? Base64.encode(data.messagePack) : data.json))
        }
        if let stamp { fields.append((MessageKey.chatd.rawValue, stamp.tree.json)) }
        return fields
    }

    /// Reads the message of an entry.
    /// - Parameter fields: The names and values in turn, as Redis reports them. Unknown fields are ignored; if a name
    ///   repeats, the last field counts.
    /// - Throws: ``FormatError`` if the fields are not a message, or exceed a limit.
    package init(streamFields fields: [[UInt8]], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let fields = try StreamFields(fields, limits: limits)
        let head = try fields.head()
        let namespace = try head.namespace()
        self.init(
            uid: try head.identifier(.uid), namespace: namespace,
            content: try Content(try fields.type(), of: namespace) { () throws(FormatError) in try fields.data() },
            stamp: try fields.stamp())
    }
}
