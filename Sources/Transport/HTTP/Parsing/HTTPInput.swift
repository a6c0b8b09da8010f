import Glibc

/// Access to the bytes of a `RawSpan` for the parsers.
///
/// This is the only unsafe code of the folder. Each function stays inside the bounds of its span.
enum HTTPInput {
    /// The offset of the first line feed; nil if there is none.
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
