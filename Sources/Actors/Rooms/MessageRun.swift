import Persistence
import Transport

/// Consecutive stored messages of the stream, encoded once for each form that has live followers.
struct MessageRun {
    private var messages: [(message: StoredMessage, position: UInt64)] = []
    private let encoding: MessageEncoding
    /// The approximate size of the encoded messages, in bytes.
    private(set) var byteCount = 0

    /// The approximate size of a message's JSON and frame overhead, in bytes.
    private static let overhead = 64

    init(_ encoding: MessageEncoding) {
        self.encoding = encoding
    }

    var count: Int { messages.count }

    mutating func append(_ message: StoredMessage, position: UInt64) {
        messages.append((message, position))
        byteCount += message.byteCount + Self.overhead
    }

    /// Adds the times since the messages' commits began.
    /// - Parameters:
    ///   - now: The time since 1970.
    ///   - recipients: The number of clients that the messages are delivered to.
    func observeAges(at now: Duration, recipients: Int, in histogram: inout Histogram) {
        // The rows of other programs may have no time.
        for (message, _) in messages where message.storedAt > 0 {
            histogram.observe(now - .milliseconds(message.storedAt), count: recipients)
        }
    }

    /// The frames for all clients that receive messages in this form.
    func frames(_ form: MessageForm) -> Frames {
        var builder = FramesBuilder()
        for (message, position) in messages { builder.appendMessage(message, encoding, form, position: position) }
        return builder.finish()
    }
}
