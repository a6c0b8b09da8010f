/// One JSON value as text: what an event's argument is while nobody needs to know what it says.
///
/// A text is valid JSON by construction, because it was cut out of a validated message or made by an initializer
/// here. Cut texts share the message's bytes and keep them alive. Two texts are equal when their bytes are: `1.0` is
/// not `1`.
public struct JSONText: Sendable {
    let storage: [UInt8]
    let range: Range<Int>

    /// Takes a range that is known to hold exactly one valid value, without whitespace around it.
    init(validated storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    /// Takes bytes that are known to be exactly one valid value.
    init(validated storage: [UInt8]) {
        self.init(validated: storage, in: storage.indices)
    }

    /// Checks that `bytes` are one JSON value (RFC 8259), with nothing but whitespace around it.
    ///
    /// - Parameter bytes: Valid UTF-8.
    /// - Throws: `JSONError` when they are anything else, or nested deeper than 512.
    public init(validating bytes: [UInt8]) throws(JSONError) {
        self.init(validated: bytes, in: try JSONScanner.validateValue(bytes, in: bytes.indices))
    }

    /// The text as UTF-8, without a copy.
    public var utf8: ArraySlice<UInt8> { storage[range] }

    /// The same text with bytes of its own: what is kept for long should not keep the message that it was cut from.
    var detached: JSONText { JSONText(validated: Array(utf8)) }

    /// What kind of value this is.
    public var kind: JSONKind {
        // A valid value is never empty and always begins with a byte that tells its kind.
        JSONKind(firstByte: storage[range.lowerBound]) ?? .null
    }
}

extension JSONText: Hashable {
    public static func == (left: JSONText, right: JSONText) -> Bool {
        left.utf8 == right.utf8
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(utf8)
    }
}

extension JSONText: CustomStringConvertible {
    /// The text itself.
    public var description: String { String(decoding: utf8, as: UTF8.self) }
}
