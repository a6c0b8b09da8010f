import Actors

/// A client's `chat message`: the text, and the client offset, which is the client's own id of the message.
struct ChatMessage: Equatable {
    static let maxTextBytes = 64 * 1024
    static let maxOffsetBytes = 256

    let text: [UInt8]
    let clientOffset: [UInt8]?

    /// - Throws: ``Refusal`` if the text is not a string or is too long, or if an offset is present and is not a
    ///   string, is too long or contains U+0000.
    init(_ arguments: Arguments) throws(Refusal) {
        guard case .json(let first)? = arguments.first, let text = first.utf8String() else {
            throw Refusal(description: "the message is not a string")
        }
        guard text.count <= Self.maxTextBytes else {
            throw Refusal(description: "the message is longer than \(Self.maxTextBytes) bytes")
        }
        self.text = text
        self.clientOffset = try Self.offset(arguments)
    }

    private static func offset(_ arguments: Arguments) throws(Refusal) -> [UInt8]? {
        guard arguments.count > 1 else { return nil }
        guard case .json(let second) = arguments[1] else {
            throw Refusal(description: "the client offset is not a string")
        }
        if second.isNull { return nil }
        guard let offset = second.utf8String() else {
            throw Refusal(description: "the client offset is not a string")
        }
        guard offset.count <= maxOffsetBytes else {
            throw Refusal(description: "the client offset is longer than \(maxOffsetBytes) bytes")
        }
        guard !offset.contains(0) else {
            throw Refusal(description: "the client offset contains U+0000")
        }
        return offset
    }
}
