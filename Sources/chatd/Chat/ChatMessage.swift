import Actors

/// A client's `chat message`: the text, and the client offset, which is the client's own id of the message.
struct ChatMessage: Equatable {
    static let maxTextBytes = 64 * 1024
    static let maxOffsetBytes = 256

    let text: [UInt8]
    let clientOffset: [UInt8]?

    /// - Throws: ``Refusal`` if the text is not a string or is too long, or if an offset is present and is not a
    ///   string, is too long or contains U+0000 or U+0001.
    init(_ arguments: Arguments) throws(Refusal) {
        guard case .json(let first)? = arguments.first, let text = first.utf8String() else {
            throw Refusal(description: "the message is not a string")
        }
        guard text.count <= Self.maxTextBytes else {
            throw Refusal(description: "the message is longer than \(Self.maxTextBytes) bytes")
        }
        self.text = Self.withoutNUL(text)
        self.clientOffset = try Self.offset(arguments)
    }

    /// The text with U+FFFD in place of U+0000, which PostgreSQL cannot store. Every store gets the same text, so that
    /// a message can move between them.
    private static func withoutNUL(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(0) else { return text }
        return text.flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }
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
        // The stores separate an offset from what they append to it by one of these.
        for separator: UInt8 in 0...1 where offset.contains(separator) {
            throw Refusal(description: "the client offset contains U+000\(separator)")
        }
        return offset
    }
}
