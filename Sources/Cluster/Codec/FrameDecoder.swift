/// Takes one direction of a link apart again, whatever pieces it arrives in. Linear in what it is given.
package struct FrameDecoder {
    package struct Frame {
        package let kind: FrameKind
        package let body: ArraySlice<UInt8>
    }

    private var buffer: [UInt8] = []
    private var start = 0
    private var number: UInt64 = 0

    package init() {}

    /// The bytes that are kept of a frame that is not whole.
    package var pendingBytes: Int { buffer.count - start }

    /// The bytes that there is memory for.
    var capacity: Int { buffer.capacity }

    package mutating func append(_ bytes: RawSpan) {
        if start == buffer.count {
            // A large frame has been here: its memory is not kept.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
            start = 0
        } else if start > 64 << 10, start > buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// The next whole frame; nil until more has arrived. After an error nothing that follows means anything.
    package mutating func next() throws(CodecError) -> Frame? {
        guard pendingBytes >= FrameFormat.lengthSize else { return nil }
        var header = WireReader(buffer[start...])
        let length = try header.integer(UInt32.self)
        guard length >= FrameFormat.minLength, length <= FrameFormat.maxLength else { throw .badLength(length) }
        let end = start + FrameFormat.lengthSize + Int(length)
        guard end <= buffer.count else { return nil }
        let found = try header.integer(UInt64.self)
        guard found == number else { throw .missingNumber(expected: number, found: found) }
        let code = try header.byte()
        guard let kind = FrameKind(rawValue: code) else { throw .unknownKind(code) }
        let body = buffer[start + FrameFormat.headerSize..<end]
        start = end
        number += 1
        return Frame(kind: kind, body: body)
    }
}
