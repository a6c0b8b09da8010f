/// The channels of a namespace in the PostgreSQL adapter 0.5.
package struct PostgresChannels: Sendable, Equatable {
    /// The reason why a namespace cannot have channels.
    package enum Refusal: Error, Equatable, Sendable {
        /// The name of a channel has more bytes than PostgreSQL allows. LISTEN shortens it, and NOTIFY fails.
        case tooLong(String, limit: Int)
        /// The name of a channel has a zero byte.
        case zeroByte
    }

    /// The maximum length of an identifier in bytes (PostgreSQL, 4.1.1).
    package static let maxLength = 63

    /// The channel of all messages of the adapter.
    package let all: String
    /// The channel of messages between servers like this one.
    package let own: String

    /// - Parameters:
    ///   - prefix: The option `channelPrefix` of the official adapter.
    ///   - namespace: The namespace, with its leading slash.
    /// - Throws: ``Refusal`` if PostgreSQL has no channels of such names.
    package init(prefix: String = "socket.io", namespace: String) throws(Refusal) {
        all = "\(prefix)#\(namespace)"
        own = ChannelName.own(prefix: prefix, namespace: namespace)
        for name in [all, own] {
            guard name.utf8.count <= Self.maxLength else { throw .tooLong(name, limit: Self.maxLength) }
            guard !name.utf8.contains(0) else { throw .zeroByte }
        }
    }
}

extension PostgresChannels.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let name, let limit): "the name of the channel '\(name)' has more than \(limit) bytes"
        case .zeroByte: "the name of the channel has a zero byte"
        }
    }
}
