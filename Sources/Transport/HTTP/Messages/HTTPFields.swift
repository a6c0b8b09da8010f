/// Header fields that the application adds to an answer. Names and values are checked when they are set, so that text
/// from a client cannot start another header line.
public struct HTTPFields: Sendable {
    /// The error for a field that must not be sent.
    public struct FieldError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private var fields: [(name: String, value: String)] = []

    /// Makes an empty list.
    public init() {}

    /// True if there are no fields.
    public var isEmpty: Bool { fields.isEmpty }

    /// The value of the first field with this name; nil if there is none. The case of the name is ignored.
    public subscript(name: String) -> String? {
        fields.first { Self.areEqual($0.name, name) }?.value
    }

    /// Sets a field, in place of all earlier fields with this name.
    /// - Throws: ``FieldError`` if the name is not a token, if the value has a control character such as CR or LF, or
    ///   if the server determines this field itself (`Content-Length`, `Content-Type`, `Connection`, `Upgrade`,
    ///   `Transfer-Encoding`, `Sec-WebSocket-…`).
    public mutating func set(_ name: String, _ value: String) throws(FieldError) {
        try Self.check(name, value)
        remove(name)
        fields.append((name, value))
    }

    /// Adds a field that may be repeated, such as `Set-Cookie`.
    /// - Throws: ``FieldError`` as ``set(_:_:)`` does.
    public mutating func append(_ name: String, _ value: String) throws(FieldError) {
        try Self.check(name, value)
        fields.append((name, value))
    }

    /// Removes all fields with this name.
    public mutating func remove(_ name: String) {
        fields.removeAll { Self.areEqual($0.name, name) }
    }

    /// Returns `headers` with these fields. They replace headers of the same name, except `Vary`, which lists the union
    /// of the request headers that matter.
    func merged(into headers: [(String, String)]) -> [(String, String)] {
        let kept = headers.filter { header in
            Self.areEqual(header.0, "Vary") || !fields.contains { Self.areEqual($0.name, header.0) }
        }
        return kept + fields.map { ($0.name, $0.value) }
    }

    /// The lines of the fields in a head.
    var lines: String { fields.map { "\($0.name): \($0.value)\r\n" }.joined() }

    // MARK: Checks

    private static let reserved: Set<String> = [
        "content-length", "content-type", "connection", "keep-alive", "transfer-encoding", "trailer", "upgrade",
    ]

    static func check(_ name: String, _ value: String) throws(FieldError) {
        try check(name: name)
        let lowercased = HTTPAuthority.lowercased(name)
        guard !reserved.contains(lowercased), !lowercased.hasPrefix("sec-websocket-") else {
            throw FieldError(description: "the server determines the header \(name)")
        }
        guard value.utf8.allSatisfy(HTTPGrammar.isFieldValueCharacter) else {
            throw FieldError(description: "the value of the header \(name) has a control character")
        }
    }

    /// Checks the name of a header.
    static func check(name: String) throws(FieldError) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPGrammar.isTokenCharacter) else {
            throw FieldError(description: "\"\(LimitedReports.logSafe(name))\" is not the name of a header")
        }
    }

    private static func areEqual(_ first: String, _ second: String) -> Bool {
        HTTPGrammar.equalsIgnoringCase(ArraySlice(first.utf8), second)
    }
}
