import Actors
import Transport

/// Decodes values that ``WireWriter`` encoded. It rejects all other bytes and never reads beyond the end.
struct WireReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    private mutating func take(_ count: Int) throws(CodecError) -> ArraySlice<UInt8> {
        guard count <= bytes.endIndex - index else { throw .truncated }
        defer { index += count }
        return bytes[index..<index + count]
    }

    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) throws(CodecError) -> Integer {
        let slice = try take(MemoryLayout<Integer>.size)
        return Integer(littleEndian: slice.withUnsafeBytes { $0.loadUnaligned(as: Integer.self) })
    }

    mutating func size() throws(CodecError) -> Int {
        guard let size = Int(exactly: try integer(UInt64.self)) else { throw .badValue }
        return size
    }

    mutating func byte() throws(CodecError) -> UInt8 {
        try integer(UInt8.self)
    }

    mutating func bool() throws(CodecError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .badValue
        }
    }

    mutating func slice() throws(CodecError) -> ArraySlice<UInt8> {
        try take(Int(try integer(UInt32.self)))
    }

    mutating func array() throws(CodecError) -> [UInt8] {
        Array(try slice())
    }

    /// The size in bytes of the length before a text or an array.
    static let lengthSize = MemoryLayout<UInt32>.size

    mutating func text() throws(CodecError) -> String {
        guard let text = String(validating: try slice(), as: UTF8.self) else { throw .badValue }
        return text
    }

    mutating func sessionID() throws(CodecError) -> SessionID {
        guard let id = SessionID(characters: try take(SessionID.length)) else { throw .badValue }
        return id
    }

    mutating func sessionKey() throws(CodecError) -> SessionKey {
        SessionKey(id: try sessionID(), ownerEpoch: try integer())
    }

    mutating func optional<Value>(
        _ read: (inout WireReader) throws(CodecError) -> Value
    ) throws(CodecError) -> Value? {
        try bool() ? try read(&self) : nil
    }

    /// Reads a list. Rejects a count of elements that the remaining bytes cannot hold, before reserving any memory for
    /// the elements.
    /// - Parameter size: the smallest size of an element, in bytes.
    mutating func each<Value>(
        ofAtLeast size: Int, _ read: (inout WireReader) throws(CodecError) -> Value
    ) throws(CodecError) -> [Value] {
        let count = Int(try integer(UInt32.self))
        guard count <= (bytes.endIndex - index) / size else { throw .truncated }
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }

    /// Reads values up to the end of the body.
    mutating func rest<Value>(
        _ read: (inout WireReader) throws(CodecError) -> Value
    ) throws(CodecError) -> [Value] {
        var values: [Value] = []
        while !isAtEnd { values.append(try read(&self)) }
        return values
    }

    /// - Throws: ``CodecError/trailingBytes`` unless the body ends here.
    func finish() throws(CodecError) {
        guard isAtEnd else { throw .trailingBytes }
    }
}
