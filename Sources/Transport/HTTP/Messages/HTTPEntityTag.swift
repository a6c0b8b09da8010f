/// A strong entity tag, which identifies one version of a resource (RFC 9110, section 8.8.3).
public struct HTTPEntityTag: Sendable, Equatable {
    /// The tag without quotes.
    public let opaqueTag: String

    /// Makes a tag.
    /// - Parameter opaqueTag: the text of the tag, for example a hash of the content. Characters that are not allowed
    ///   in a tag, such as quotes, are removed.
    public init(_ opaqueTag: String) {
        let bytes = opaqueTag.utf8.filter { HTTPGrammar.isVisible($0) && $0 != UInt8(ascii: "\"") }
        self.opaqueTag = String(decoding: bytes, as: UTF8.self)
    }

    /// The value of an `ETag` header.
    public var headerValue: String { "\"\(opaqueTag)\"" }

    /// True if the client already has this version, so that the answer is 304 (RFC 9110, section 13.1.2).
    ///
    /// The comparison is weak: `W/"x"` matches `"x"`. In a malformed list, only the elements before the error count.
    ///
    /// - Parameter header: the value of `If-None-Match`; nil if the request has none.
    public func matches(ifNoneMatch header: String?) -> Bool {
        guard let header else { return false }
        var rest = HTTPGrammar.trimmed(ArraySlice(header.utf8))
        if rest.elementsEqual("*".utf8) { return true }
        while true {
            rest = rest.drop { HTTPGrammar.isWhitespace($0) || $0 == UInt8(ascii: ",") }
            if rest.starts(with: "W/".utf8) { rest = rest.dropFirst(2) }
            guard rest.popFirst() == UInt8(ascii: "\""), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
                return false
            }
            if rest[..<end].elementsEqual(opaqueTag.utf8) { return true }
            rest = rest[(end + 1)...]
        }
    }
}
