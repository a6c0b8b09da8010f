/// Splits the bytes of one direction of a link into frames. The bytes may arrive in pieces of any size; the work is
/// linear in the number of bytes.
struct FrameDecoder {
    struct Frame {
        let kind: FrameKind
        let body: ArraySlice<UInt8>
    }

    private var buffer: [UInt8] = []
    private var start = 0
    private var number: UInt64 = 0
    private let awaitsHello: Bool

    /// - Parameter awaitsHello: true if the first frame must be a hello, which is short.
    init(awaitsHello: Bool = false) {
        self.awaitsHello = awaitsHello
    }

    /// The number of buffered bytes that ``next()`` has not yet returned in a frame.
    var pendingBytes: Int { buffer.count - start }

    /// The size of the buffer's allocation, in bytes.
    var capacity: Int { buffer.capacity }

    mutating func append(_ bytes: RawSpan) {
        if start == buffer.count {
            // Release the memory of a large frame.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
            start = 0
        } else if start > 64 << 10, start > buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// Returns the next complete frame; nil until more bytes arrive.
    /// - Throws: ``CodecError`` if the bytes are not a frame. Nothing after them can be decoded.
    mutating func next() throws(CodecError) -> Frame? {
        guard pendingBytes >= FrameFormat.lengthSize else { return nil }
        var header = WireReader(buffer[start...])
        let length = try header.integer(UInt32.self)
        guard length >= FrameFormat.minLength, length <= FrameFormat.maxLength else { throw .badLength(length) }
        if awaitsHello, number == 0, length > FrameFormat.maxHelloLength { throw .longHello(length) }
        let end = start + FrameFormat.lengthSize + Int(length)
        guard end <= buffer.count else { return nil }
        let found = try header.integer(UInt64.self)
        guard found == number else { throw .unexpectedNumber(expected: number, found: found) }
        let code = try header.byte()
        guard let kind = FrameKind(rawValue: code) else { throw .unknownKind(code) }
        let body = buffer[start + FrameFormat.headerSize..<end]
        start = end
        number += 1
        return Frame(kind: kind, body: body)
    }
}
