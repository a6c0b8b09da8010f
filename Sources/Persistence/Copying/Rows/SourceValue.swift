/// A value of an SQLite row. Any program may have stored any storage class in any column (sqlite.org/datatype3.html).
package enum SourceValue: Equatable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text([UInt8])
    case blob([UInt8])

    /// The bytes of a text or blob, which may be invalid UTF-8. Other values do not occur in columns of type TEXT,
    /// because SQLite stores numbers in them as text.
    var bytes: [UInt8]? {
        switch self {
        case .text(let bytes), .blob(let bytes): bytes
        case .integer(let number): Array("\(number)".utf8)
        case .real(let number): Array("\(number)".utf8)
        case .null: nil
        }
    }

    /// Appends a form that differs for different values: the storage class, the size, and the bytes.
    func appendIdentity(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(0)
        case .integer(let number): Self.append(1, UInt64(bitPattern: number), to: &bytes)
        case .real(let number): Self.append(2, number.bitPattern, to: &bytes)
        case .text(let text):
            Self.append(3, UInt64(text.count), to: &bytes)
            bytes += text
        case .blob(let blob):
            Self.append(4, UInt64(blob.count), to: &bytes)
            bytes += blob
        }
    }

    private static func append(_ tag: UInt8, _ number: UInt64, to bytes: inout [UInt8]) {
        bytes.append(tag)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
