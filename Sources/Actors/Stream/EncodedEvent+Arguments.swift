extension EncodedEvent {
    /// Encodes an event.
    /// - Parameters:
    ///   - arguments: The event's name and its arguments.
    ///   - namespace: The event's namespace, with its leading slash.
    package init(_ arguments: EncodedArguments, namespace: String) {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(arguments, namespace: namespace, to: &text)
        self.init(text: text, attachments: arguments.attachments)
    }

    /// The event's name and its arguments; nil if the text is not an event.
    package var arguments: EncodedArguments? {
        guard let header = try? PacketHeader(text, from: 1, maxAttachments: attachments.count),
            header.type.withoutAttachments == .event
        else { return nil }
        let list = text[header.payloadStart...]
        guard list.count > 2, list.first == UInt8(ascii: "["), list.last == UInt8(ascii: "]") else { return nil }
        return EncodedArguments(text: Array(list.dropFirst().dropLast()), attachments: attachments)
    }
}
