/// One or more finished WebSocket frames, encoded once and shared by every connection that gets them.
///
/// A polling connection takes the same packets out of their frames again, so that no packet is ever encoded twice.
public final class Frames: Sendable {
    /// Where one frame lies in ``bytes``.
    struct Bounds: Sendable {
        /// The first byte behind the frame's header.
        let payloadStart: Int32
        let end: Int32
        let isBinary: Bool
    }

    /// The frames, one behind the other, as they go over a WebSocket.
    public let bytes: [UInt8]
    let bounds: [Bounds]

    init(bytes: [UInt8], bounds: [Bounds]) {
        self.bytes = bytes
        self.bounds = bounds
    }

    /// How many packets these are.
    public var count: Int { bounds.count }

    /// A single text packet, such as `2` or `40{"sid":"…"}`.
    public convenience init(text: String) {
        self.init(utf8: Array(text.utf8))
    }

    /// A text packet from bytes that are valid UTF-8, and the binary messages that follow it.
    public convenience init(utf8 text: [UInt8], attachments: [[UInt8]] = []) {
        var builder = FramesBuilder()
        builder.append(text, isBinary: false)
        for attachment in attachments { builder.append(attachment, isBinary: true) }
        self.init(bytes: builder.bytes, bounds: builder.bounds)
    }

    /// A single binary message.
    public convenience init(binary bytes: [UInt8]) {
        var builder = FramesBuilder()
        builder.append(bytes, isBinary: true)
        self.init(bytes: builder.bytes, bounds: builder.bounds)
    }

    /// Writes packet number `index` as a polling payload carries it: text as it is, binary as `b` and base64.
    func appendPollingPacket(_ index: Int, to payload: inout [UInt8]) {
        let bound = bounds[index]
        let packet = bytes[Int(bound.payloadStart)..<Int(bound.end)]
        if bound.isBinary {
            payload.append(UInt8(ascii: "b"))
            payload.append(contentsOf: Base64.encode(Array(packet)))
        } else {
            payload.append(contentsOf: packet)
        }
    }
}
