/// Array literals (PostgreSQL, 8.15.2 and 8.15.6), for parameters of types such as `text[]`.
package enum PostgresArray {
    /// Encodes a one-dimensional array; nil is NULL. Every element is quoted, so that no text has a special meaning.
    package static func encode(_ elements: [[UInt8]?]) -> [UInt8] {
        var literal: [UInt8] = [UInt8(ascii: "{")]
        literal.reserveCapacity(elements.reduce(2) { $0 + ($1?.count ?? 4) + 3 })
        for (index, element) in elements.enumerated() {
            if index > 0 { literal.append(UInt8(ascii: ",")) }
            guard let element else {
                literal += "NULL".utf8
                continue
            }
            literal.append(quote)
            for byte in element {
                if byte == quote || byte == backslash { literal.append(backslash) }
                literal.append(byte)
            }
            literal.append(quote)
        }
        literal.append(UInt8(ascii: "}"))
        return literal
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
}
