import Persistence
import Transport

/// Stored messages that follow each other in the stream, to be encoded once for each form in which somebody follows live.
package struct MessageRun {
    private var messages: [(message: StoredMessage, position: UInt64)] = []
    private let encoding: MessageEncoding
    /// About how many bytes the messages are when they are encoded.
    private(set) var byteCount = 0

    /// What a message has beside its text and names, about.
    private static let overhead = 64

    init(_ encoding: MessageEncoding) {
        self.encoding = encoding
    }

    package var count: Int { messages.count }

    mutating func append(_ message: StoredMessage, position: UInt64) {
        messages.append((message, position))
        byteCount += message.byteCount + Self.overhead
    }

    /// The frames for all that get the messages in this form.
    package func frames(_ form: MessageForm) -> Frames {
        var builder = FramesBuilder()
        for (message, position) in messages { builder.appendMessage(message, encoding, form, position: position) }
        return builder.finish()
    }
}
