/// Collects packets into ``Frames``.
package struct FramesBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var bounds: [Frames.Bounds] = []
    private var scratch: [UInt8] = []

    /// Creates an empty builder.
    package init() {}

    /// True if nothing has been appended since the last ``finish()``.
    package var isEmpty: Bool { bounds.isEmpty }

    /// The size in bytes of the frames appended since the last ``finish()``, headers included.
    package var byteCount: Int { bytes.count }

    /// Appends a text packet.
    /// - Parameter write: appends the packet to its argument, as valid UTF-8.
    package mutating func appendText(_ write: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        write(&scratch)
        append(scratch, isBinary: false)
    }

    /// Appends one packet.
    /// - Parameters:
    ///   - payload: a text packet, starting with its Engine.IO type, or a binary message.
    ///   - isBinary: true for a binary message.
    package mutating func append(_ payload: [UInt8], isBinary: Bool) {
        WebSocketFrameEncoder.append(opcode: isBinary ? .binary : .text, payload: payload, to: &bytes)
        let start = bytes.count - payload.count
        bounds.append(Frames.Bounds(payloadStart: start, end: bytes.count, isBinary: isBinary))
    }

    /// Returns the frames appended so far, and empties the builder.
    package mutating func finish() -> Frames {
        let frames = Frames(bytes: bytes, bounds: bounds)
        bytes = []
        bounds = []
        return frames
    }
}
