/// Where the Redis Streams adapter 0.3 sends a message.
package enum StreamRoute: Sendable, Equatable {
    /// Into this stream, as ``ClusterMessage/streamFields(onlyPlaintext:)``.
    case stream(String)
    /// To this channel, with ``ClusterEncoding/ephemeral``.
    case channel(String)
}

extension StreamKeys {
    /// The route of a message. Requests with answers, events for other servers, and answers are published, because a
    /// server that reads them later would answer in vain. A reader accepts every message in the stream too: emitters
    /// add events for servers to it.
    /// - Parameters:
    ///   - message: The message.
    ///   - channels: The channels of its namespace.
    ///   - asker: The id of the node that an answer is for.
    package func route(of message: ClusterMessage, channels: ShardedChannels, asker: String? = nil) -> StreamRoute {
        let isPublished =
            switch message.content {
            case .broadcast(_, _, let requestID): requestID != nil
            case .fetch, .serverEvent: true
            default: message.isAnswer
            }
        return isPublished
            ? .channel(channels.channel(of: message, asker: asker)) : .stream(stream(of: message.namespace))
    }
}
