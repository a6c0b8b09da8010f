import Glibc

/// How the parsers read the bytes that a connection hands them.
///
/// The only unsafe code of this folder; each function stays inside the span it was given.
enum HTTPInput {
    /// The offset of the first line feed, nil when there is none.
    static func firstLineFeed(in bytes: RawSpan) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress,
                let found = memchr(base, Int32(HTTPGrammar.lineFeed), buffer.count)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    static func append(_ bytes: RawSpan, to array: inout [UInt8]) {
        bytes.withUnsafeBytes { array.append(contentsOf: $0) }
    }

    /// The byte at an offset, which must be in bounds (checked).
    static func byte(_ offset: Int, of bytes: RawSpan) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
