/// The header fields of a request, in the order they came (RFC 9110, section 5).
///
/// A head is kept for the life of its session, so the fields stay the bytes that arrived plus eight bytes each; strings
/// are made when asked for. Bytes that are not UTF-8 are repaired in them.
public struct HTTPHeaders: Sendable {
    /// Where one field is in the head.
    struct Field {
        let nameStart: UInt16
        let nameEnd: UInt16
        let valueStart: UInt16
        let valueEnd: UInt16
    }

    /// The whole head, request line included, as it arrived.
    let bytes: [UInt8]
    let fields: [Field]

    /// The value of a header, its name in any case; nil when the request does not have it.
    ///
    /// Repeated headers are one list joined by `", "` (RFC 9110, section 5.3), cookies by `"; "`.
    public subscript(name: String) -> String? {
        let values = values(of: name)
        guard values.count > 1 else { return values.first }
        return values.joined(separator: name.utf8.count == 6 && name.lowercased() == "cookie" ? "; " : ", ")
    }

    /// Each value of a header that may be repeated, its name in any case.
    public func values(of name: String) -> [String] {
        rawValues(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a comma-separated header such as `Connection` or `Upgrade` lists a token, in any case.
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

    /// The elements of a comma-separated header without the white space around them; empty elements are kept.
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

    /// One field: its name as it was sent, its value without the white space around it.
    public subscript(position: Int) -> (name: String, value: String) {
        let field = fields[position]
        return (String(decoding: name(of: field), as: UTF8.self), String(decoding: value(of: field), as: UTF8.self))
    }
}
