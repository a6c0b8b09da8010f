import Actors

/// The reason why a message of another server cannot be used. The message is counted by ``reason`` and ignored.
package enum FormatError: Error, Equatable, Sendable {
    /// The message has more bytes than the limit.
    case tooLarge(limit: Int)
    /// The text is not valid UTF-8.
    case invalidText
    case invalidJSON(JSONError)
    case invalidMessagePack(MessagePackError)
    case invalidBase64
    /// The value is not an object, or not the array of a broadcast.
    case notAMessage
    /// A member that the message needs is missing, null or undefined.
    case missing(MessageKey)
    /// The member has another kind, or a value out of its range.
    case invalid(MessageKey)
    /// The member's text has more bytes than the limit.
    case tooLong(MessageKey, limit: Int)
    /// The member has more elements than the limit.
    case tooMany(MessageKey, limit: Int)
    /// The message or the packet has a type without a meaning here.
    case unknownType(Int)
    /// The event has a name that servers refuse to emit.
    case reservedEventName(String)

    /// A group of errors, for a counter.
    package enum Reason: String, CaseIterable, Sendable {
        /// A limit is exceeded.
        case tooLarge = "too_large"
        /// The bytes are not a value of their encoding.
        case malformed
        /// The value is not a message.
        case invalid
        /// The message may be one of a later version.
        case unknownType = "unknown_type"
    }

    /// The group of the error.
    package var reason: Reason {
        switch self {
        case .tooLarge, .tooLong, .tooMany: .tooLarge
        case .invalidText, .invalidJSON, .invalidMessagePack, .invalidBase64: .malformed
        case .notAMessage, .missing, .invalid, .reservedEventName: .invalid
        case .unknownType: .unknownType
        }
    }
}

extension FormatError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let limit): "a message of more than \(limit) bytes"
        case .invalidText: "a text that is not UTF-8"
        case .invalidJSON(let error): error.description
        case .invalidMessagePack(let error): error.description
        case .invalidBase64: "a text that is not base64"
        case .notAMessage: "a value that is not a message"
        case .missing(let key): "a message without '\(key.rawValue)'"
        case .invalid(let key): "a message with an invalid value of '\(key.rawValue)'"
        case .tooLong(let key, let limit): "a message whose '\(key.rawValue)' has more than \(limit) bytes"
        case .tooMany(let key, let limit): "a message whose '\(key.rawValue)' has more than \(limit) elements"
        case .unknownType(let type): "a message of the unknown type \(type)"
        case .reservedEventName(let name): "an event with the reserved name '\(name)'"
        }
    }
}
