/// One JSON value as text, decoded only on demand.
///
/// A text is always valid JSON, because it is either a part of a validated message or the result of an initializer of
/// this type. A part of a message shares the message's bytes and keeps them alive. Equality compares bytes: `1.0` and
/// `1` differ.
public struct JSONText: Sendable {
    let storage: [UInt8]
    let range: Range<Int>

    /// Wraps a range that contains exactly one valid value, without surrounding whitespace.
    init(validated storage: [UInt8], in range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    /// Wraps bytes that are exactly one valid value.
    init(validated storage: [UInt8]) {
        self.init(validated: storage, in: storage.indices)
    }

    /// Checks that `bytes` are one JSON value (RFC 8259), optionally surrounded by whitespace.
    ///
    /// - Parameter bytes: Valid UTF-8.
    /// - Throws: `JSONError` if they are not one JSON value, or if it is nested more than 512 levels deep.
    public init(validating bytes: [UInt8]) throws(JSONError) {
        self.init(validated: bytes, in: try JSONScanner.validateValue(bytes, in: bytes.indices))
    }

    /// The text as UTF-8, without a copy.
    public var utf8: ArraySlice<UInt8> { storage[range] }

    /// A copy with its own bytes, for values that outlive the message they are a part of.
    var detached: JSONText { JSONText(validated: Array(utf8)) }

    /// The kind of the value.
    public var kind: JSONKind {
        // A valid value is never empty, and its first byte determines its kind.
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
