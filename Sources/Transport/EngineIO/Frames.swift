/// One or more finished WebSocket frames, encoded once and shared by every connection that sends them.
///
/// A polling session extracts the packets from the frames, so that no packet is encoded twice.
public final class Frames: Sendable {
    /// The position of one frame in ``bytes``.
    struct Bounds: Sendable {
        /// The offset of the first byte after the frame's header.
        let payloadStart: Int
        let end: Int
        let isBinary: Bool
    }

    /// The concatenated frames, as they are sent over a WebSocket.
    public let bytes: [UInt8]
    let bounds: [Bounds]

    init(bytes: [UInt8], bounds: [Bounds]) {
        self.bytes = bytes
        self.bounds = bounds
    }

    /// The number of packets.
    public var count: Int { bounds.count }

    /// Encodes a single text packet, such as `2` or `40{"sid":"…"}`.
    public convenience init(text: String) {
        self.init(utf8: Array(text.utf8))
    }

    /// Encodes a text packet, which must be valid UTF-8, and the binary messages that follow it.
    public convenience init(utf8 text: [UInt8], attachments: [[UInt8]] = []) {
        var builder = FramesBuilder()
        builder.append(text, isBinary: false)
        for attachment in attachments { builder.append(attachment, isBinary: true) }
        self.init(bytes: builder.bytes, bounds: builder.bounds)
    }

    /// Encodes a single binary message.
    public convenience init(binary bytes: [UInt8]) {
        var builder = FramesBuilder()
        builder.append(bytes, isBinary: true)
        self.init(bytes: builder.bytes, bounds: builder.bounds)
    }

    /// Appends packet number `index` in the format of a polling payload: text unchanged, binary as `b` and base64.
    func appendPollingPacket(_ index: Int, to payload: inout [UInt8]) {
        let bound = bounds[index]
        let packet = bytes[bound.payloadStart..<bound.end]
        if bound.isBinary {
            payload.append(UInt8(ascii: "b"))
            payload.append(contentsOf: Base64.encode(Array(packet)))
        } else {
            payload.append(contentsOf: packet)
        }
    }
}
