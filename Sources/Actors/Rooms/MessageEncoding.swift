import Persistence
import Transport

/// Encodes stored messages as events: the name, the text, the id, the details in the detailed form, and the offset if
/// lost sessions are kept.
struct MessageEncoding: Equatable {
    private let event: String
    private let prefix: [UInt8]
    private let epoch: String?

    /// - Parameters:
    ///   - event: The name of the event.
    ///   - namespace: The namespace of the event.
    ///   - epoch: The hub's epoch; nil if events carry no offset.
    init(event: String, namespace: String, epoch: String?) {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(event, [], namespace: namespace, to: &text)
        text.removeLast()
        text.append(UInt8(ascii: ","))
        self.event = event
        self.epoch = epoch
        prefix = text
    }

    /// Appends a message as the text of an event.
    /// - Parameter position: The position of the last event that the recipients got before this message.
    func append(_ message: StoredMessage, _ form: MessageForm, position: UInt64, to text: inout [UInt8]) {
        text.append(contentsOf: prefix)
        JSONString.append(message.content.span, to: &text)
        text.append(UInt8(ascii: ","))
        text.append(decimal: UInt64(max(0, message.id)))
        if form == .detailed {
            text.append(UInt8(ascii: ","))
            message.appendDetails(to: &text)
        }
        if let epoch {
            text.append(contentsOf: ",\"".utf8)
            Offset(epoch: epoch, position: position, row: message.id).append(to: &text)
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "]"))
    }
}

extension FramesBuilder {
    mutating func appendMessage(
        _ message: StoredMessage, _ encoding: MessageEncoding, _ form: MessageForm, position: UInt64
    ) {
        appendText { encoding.append(message, form, position: position, to: &$0) }
    }
}
