/// The decoded parameters of a query such as `EIO=4&transport=polling`, in order.
///
/// Names and values are decoded as `application/x-www-form-urlencoded`. An invalid percent sequence is kept as text,
/// and bytes that are not UTF-8 are replaced.
public struct HTTPQuery: Sendable {
    /// All parameters, including repeated ones. The value of a parameter without `=` is empty.
    public let pairs: [(name: String, value: String)]

    /// Decodes a query.
    ///
    /// - Parameter query: the text after the `?` of a request target.
    public init(_ query: String) {
        self.init(encoded: ArraySlice(query.utf8))
    }

    init(encoded: ArraySlice<UInt8>) {
        pairs = encoded.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return (Self.decoded(pair[..<equals]), Self.decoded(pair[equals...].dropFirst()))
        }
    }

    /// The first value of a parameter; nil if the query does not have it.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    private static func decoded(_ encoded: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let escaped = escaped(rest.prefix(2)) else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(escaped)
                rest.removeFirst(2)
            case UInt8(ascii: "+"): bytes.append(HTTPGrammar.space)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escaped(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, let high = digits.first.flatMap(HTTPGrammar.hexadecimalValue),
            let low = digits.last.flatMap(HTTPGrammar.hexadecimalValue)
        else { return nil }
        return high << 4 | low
    }
}
