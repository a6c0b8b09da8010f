import Actors

/// Events for the handlers of other servers, as the list `[name, argument, …]`.
extension ServerEvent {
    /// Reads the event of a member.
    init(_ object: MessageObject, _ key: MessageKey, namespace: String) throws(FormatError) {
        let (name, arguments) = try EventPacket.event(object, key)
        self.init(namespace: namespace, name: name, arguments: arguments.withoutFirst)
    }

    var list: MixedValue {
        let name = Array(JSONText(string: name).utf8)
        let text = arguments.text.isEmpty ? name : name + [UInt8(ascii: ",")] + arguments.text
        return MixedValue(EncodedArguments(text: text, attachments: arguments.attachments))
    }
}
