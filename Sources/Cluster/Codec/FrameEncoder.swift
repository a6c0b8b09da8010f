import Actors
import Transport

/// Encodes and numbers the frames of one direction of a link.
struct FrameEncoder {
    private var number: UInt64 = 0

    private let preferredSize: Int

    /// - Parameter preferredSize: a frame of batched values ends with the value that brings its body to this size in
    ///   bytes.
    init(preferredSize: Int = Limits().frame) {
        self.preferredSize = preferredSize
    }

    /// Encodes one frame. `write` writes its body.
    mutating func frame(_ kind: FrameKind, _ write: (inout WireWriter) -> Void = { _ in }) -> [UInt8] {
        var writer = WireWriter()
        write(&writer)
        return numbered(kind, writer.bytes)
    }

    private mutating func numbered(_ kind: FrameKind, _ body: [UInt8]) -> [UInt8] {
        var frame = WireWriter()
        frame.reserve(FrameFormat.headerSize + body.count)
        frame.append(FrameFormat.minLength + UInt32(body.count))
        frame.append(number)
        frame.append(kind.rawValue)
        frame.append(raw: body)
        number += 1
        return frame.bytes
    }

    /// Encodes a batch of values. A frame ends once its body has reached the preferred size; no value is split.
    mutating func frames<Value>(
        _ kind: FrameKind, of values: [Value], _ write: (inout WireWriter, Value) -> Void
    ) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var writer = WireWriter()
        for value in values {
            write(&writer, value)
            guard writer.bytes.count >= preferredSize else { continue }
            frames.append(numbered(kind, writer.bytes))
            writer = WireWriter()
        }
        if !writer.bytes.isEmpty { frames.append(numbered(kind, writer.bytes)) }
        return frames
    }
}
