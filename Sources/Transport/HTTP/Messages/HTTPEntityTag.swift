/// A strong entity tag: names one version of a resource (RFC 9110, section 8.8.3).
public struct HTTPEntityTag: Sendable, Equatable {
    /// The tag without quotes.
    public let opaqueTag: String

    /// - Parameter opaqueTag: for example a hash of the content. Characters that a tag cannot have, quotes among
    ///   them, are
    ///   left out.
    public init(_ opaqueTag: String) {
        let bytes = opaqueTag.utf8.filter { HTTPGrammar.isVisible($0) && $0 != UInt8(ascii: "\"") }
        self.opaqueTag = String(decoding: bytes, as: UTF8.self)
    }

    /// The value of an `ETag` header.
    public var headerValue: String { "\"\(opaqueTag)\"" }

    /// Whether the client already has this version, so that 304 is the answer (RFC 9110, section 13.1.2).
    ///
    /// Tags are compared weakly: `W/"x"` names the same version as `"x"`. A list with an error matches up to the error.
    ///
    /// - Parameter header: the value of `If-None-Match`, nil when the request does not have it.
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
