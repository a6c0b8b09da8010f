import Actors
import Transport

/// A message in a stream: one in the format of the official adapter, or one between servers like this one.
///
/// Messages between servers like this one have the namespace `chatd#<namespace>`, which no official server has. So
/// official servers ignore them, and do not count their senders as nodes.
enum StreamEntry: Equatable {
    case official(ClusterMessage)
    /// A marker, or with a message, one about sessions.
    case own(namespace: String, EventStamp, HostMessage?)

    private static let ownPrefix = Array("chatd#".utf8)

    /// The names and values of an entry for servers like this one.
    /// - Parameters:
    ///   - payload: what the message is in a channel.
    ///   - node: the id of this host.
    static func ownFields(_ payload: [UInt8], in namespace: String, node: String) -> [[UInt8]] {
        let isJSON = payload.first == UInt8(ascii: "{")
        return [
            MessageKey.uid.bytes, Array(node.utf8), MessageKey.nsp.bytes, ownPrefix + Array(namespace.utf8),
            MessageKey.type.bytes, [UInt8(ascii: "0")], MessageKey.data.bytes,
            isJSON ? payload : Base64.encode(payload),
        ]
    }

    /// Reads an entry.
    /// - Parameter fields: the names and values in turn.
    /// - Throws: ``FormatError`` if the fields are not a message, or exceed a limit.
    init(_ fields: [[UInt8]], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        guard let namespace = Self.ownNamespace(in: fields) else {
            self = .official(try ClusterMessage(streamFields: fields, limits: limits))
            return
        }
        guard namespace.count <= limits.namespace, UTF8Validator.isValid(namespace) else { throw .invalidText }
        let name = String(decoding: namespace, as: UTF8.self)
        let marker = try Marker(try StreamFields(fields, limits: limits).data(), namespace: name)
        self = .own(namespace: name, marker.stamp, marker.message)
    }

    private static func ownNamespace(in fields: [[UInt8]]) -> [UInt8]? {
        for index in stride(from: 0, to: fields.count - 1, by: 2)
        where fields[index] == MessageKey.nsp.bytes && fields[index + 1].starts(with: ownPrefix) {
            return Array(fields[index + 1].dropFirst(ownPrefix.count))
        }
        return nil
    }
}

extension MessageKey {
    /// The name in UTF-8.
    fileprivate var bytes: [UInt8] { Array(rawValue.utf8) }
}
