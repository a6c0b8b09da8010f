/// The reason why a message is not a packet, or not a value, in MessagePack.
package enum MessagePackError: Error, Equatable, Sendable {
    /// The message ends inside a value, or a container has more elements than the rest of the message can hold.
    case truncated
    /// The message goes on after the packet.
    case trailingBytes(Int)
    /// 0xC1, which the format never uses.
    case unusedByte
    /// A container that is nested deeper than allowed.
    case tooDeep(limit: Int)
    /// More binary values than allowed.
    case tooManyAttachments(limit: Int)
    /// Binary data, and a map that looks like a placeholder.
    case ambiguousPlaceholder
    /// A string that is not valid UTF-8.
    case invalidText
    /// A key that is neither a string nor a whole number.
    case invalidKey
    /// The packet is not a map.
    case notAMap
    /// A text message, such as the first one of a client with the default parser.
    case textMessage
    /// The packet's `type` is missing or not one of 0 to 4.
    case invalidType
    /// The packet's `nsp` is missing or not a string.
    case invalidNamespace
    /// The packet's `id` is not a whole number of at most 15 digits.
    case invalidID
}

extension MessagePackError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "a MessagePack value that is longer than its message"
        case .trailingBytes(let count): "\(count) bytes after the packet's MessagePack"
        case .unusedByte: "the byte 0xc1, which MessagePack does not use"
        case .tooDeep(let limit): "MessagePack nested deeper than \(limit) levels"
        case .tooManyAttachments(let limit): "more than \(limit) binary values in one packet"
        case .ambiguousPlaceholder: "a map that looks like the placeholder of binary data"
        case .invalidText: "a MessagePack string that is not UTF-8"
        case .invalidKey: "a MessagePack key that is neither a string nor a whole number"
        case .notAMap: "MessagePack that is not a map"
        case .textMessage: "a text message: this client does not use MessagePack"
        case .invalidType: "a packet whose type is missing or unknown"
        case .invalidNamespace: "a packet whose namespace is missing or not a string"
        case .invalidID: "a packet whose acknowledgement id is not a number of at most \(PacketHeader.maxDigits) digits"
        }
    }
}
