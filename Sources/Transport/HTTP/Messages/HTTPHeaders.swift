/// The header fields of a request, in order of arrival (RFC 9110, section 5).
///
/// A head may be kept for the life of its session, so the fields are stored as the received bytes plus eight bytes for
/// each field. Strings are created on access; bytes that are not UTF-8 are replaced in them.
public struct HTTPHeaders: Sendable {
    /// The position of one field in the head.
    struct Field {
        let nameStart: UInt16
        let nameEnd: UInt16
        let valueStart: UInt16
        let valueEnd: UInt16
    }

    /// The whole head as received, including the request line.
    let bytes: [UInt8]
    let fields: [Field]

    /// The value of a header; nil if the request does not have it. The case of the name is ignored.
    ///
    /// Values of a repeated header are joined by `", "` (RFC 9110, section 5.3), those of `Cookie` by `"; "`.
    public subscript(name: String) -> String? {
        let values = values(of: name)
        guard values.count > 1 else { return values.first }
        return values.joined(separator: name.utf8.count == 6 && name.lowercased() == "cookie" ? "; " : ", ")
    }

    /// The values of a header that may be repeated. The case of the name is ignored.
    public func values(of name: String) -> [String] {
        rawValues(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// True if a comma-separated header such as `Connection` or `Upgrade` contains a token. The case of the token is
    /// ignored.
    public func contains(token: String, in name: String) -> Bool {
        listElements(of: name).contains { HTTPGrammar.equalsIgnoringCase($0, token) }
    }

    func rawValues(of name: String) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        for field in fields where HTTPGrammar.equalsIgnoringCase(self.name(of: field), name) {
            values.append(value(of: field))
        }
        return values
    }

    /// The elements of a comma-separated header, trimmed. Empty elements are kept.
    func listElements(of name: String) -> [ArraySlice<UInt8>] {
        rawValues(of: name).flatMap { value in
            value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(HTTPGrammar.trimmed)
        }
    }

    private func name(of field: Field) -> ArraySlice<UInt8> {
        bytes[Int(field.nameStart)..<Int(field.nameEnd)]
    }

    private func value(of field: Field) -> ArraySlice<UInt8> {
        bytes[Int(field.valueStart)..<Int(field.valueEnd)]
    }
}

extension HTTPHeaders: RandomAccessCollection {
    public var startIndex: Int { fields.startIndex }
    public var endIndex: Int { fields.endIndex }

    /// The name of a field as received, and its trimmed value.
    public subscript(position: Int) -> (name: String, value: String) {
        let field = fields[position]
        return (String(decoding: name(of: field), as: UTF8.self), String(decoding: value(of: field), as: UTF8.self))
    }
}
