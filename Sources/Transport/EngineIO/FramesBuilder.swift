/// Gathers packets into ``Frames``.
public struct FramesBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var bounds: [Frames.Bounds] = []
    private var scratch: [UInt8] = []

    public init() {}

    /// Whether nothing has been appended since the last ``finish()``.
    public var isEmpty: Bool { bounds.isEmpty }

    /// How many bytes have been appended.
    public var byteCount: Int { bytes.count }

    /// Appends a text packet that `write` produces. What it appends must be valid UTF-8.
    public mutating func appendText(_ write: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        write(&scratch)
        append(scratch, isBinary: false)
    }

    /// Appends one packet: text with its Engine.IO type in front, or a binary message.
    public mutating func append(_ payload: [UInt8], isBinary: Bool) {
        WebSocketFrameEncoder.append(opcode: isBinary ? .binary : .text, payload: payload, to: &bytes)
        let start = bytes.count - payload.count
        bounds.append(Frames.Bounds(payloadStart: Int32(start), end: Int32(bytes.count), isBinary: isBinary))
    }

    /// The frames appended so far; the builder is empty again.
    public mutating func finish() -> Frames {
        let frames = Frames(bytes: bytes, bounds: bounds)
        bytes = []
        bounds = []
        return frames
    }
}
