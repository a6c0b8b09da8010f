/// The form that the names of channels share: a prefix, `#`, the namespace, and in most of them `#` and more.
package enum ChannelName {
    /// Each further candidate copies the name once more.
    private static let maxCandidates = 8

    /// The namespaces that a channel may belong to, shortest first, because a namespace may contain `#` too. At most
    /// eight.
    /// - Parameters:
    ///   - channel: The name of the channel.
    ///   - prefix: What precedes the first `#`, such as `socket.io-request`.
    package static func namespaces(of channel: String, prefix: String) -> [String] {
        guard let rest = channel.after(prefix + "#")?.utf8, rest.first == UInt8(ascii: "/") else { return [] }
        let ends = rest.indices.lazy.filter { rest[$0] == UInt8(ascii: "#") }
        // A PostgreSQL channel ends with the namespace.
        let bounds = Array(ends.prefix(maxCandidates)) + (rest.last == UInt8(ascii: "#") ? [] : [rest.endIndex])
        return bounds.prefix(maxCandidates).map { String(decoding: rest[..<$0], as: UTF8.self) }
    }

    /// The channel of messages between servers like this one, with any adapter. No official server subscribes to it.
    static func own(prefix: String, namespace: String) -> String { "\(prefix)-chatd#\(namespace)#" }
}
