/// The keys of the Redis Streams adapter 0.3.
package struct StreamKeys: Sendable {
    private let stream: String
    private let count: Int
    private let sessionPrefix: String

    /// - Parameters:
    ///   - stream: The option `streamName` of the official adapter.
    ///   - count: The option `streamCount`, the number of streams, at least 1.
    ///   - sessionPrefix: The option `sessionKeyPrefix`.
    package init(stream: String = "socket.io", count: Int = 1, sessionPrefix: String = "sio:session:") {
        self.stream = stream
        self.count = max(1, count)
        self.sessionPrefix = sessionPrefix
    }

    /// The stream to which the messages of a namespace are added. As in the official adapter, the remainder of the hash
    /// may be negative.
    package func stream(of namespace: String) -> String {
        count == 1 ? stream : "\(stream)-\(Int(Self.hash(namespace)) % count)"
    }

    /// All streams that may have messages. Official servers do not read those with negative numbers.
    package var all: [String] {
        count == 1 ? [stream] : (1 - count..<count).map { "\(stream)-\($0)" }
    }

    /// The key of a session.
    package func session(_ privateID: String) -> String { sessionPrefix + privateID }

    /// The hash of Java's strings: 31 times the hash before, plus the next UTF-16 code unit, in 32 bits.
    private static func hash(_ text: String) -> Int32 {
        text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) }
    }
}
