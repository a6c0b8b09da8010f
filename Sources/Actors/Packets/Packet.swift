/// One complete Socket.IO packet (Socket.IO protocol 5): from a client, or for a parser to encode.
///
/// Keeps the received message and the ranges of its parts. Values are decoded or copied only on access.
public struct Packet: Sendable {
    /// The packet's type. It is binary only if the packet has attachments: `50-["x"]` is an event.
    public let type: PacketType

    /// The namespace without its query, such as `/` or `/admin`.
    public let namespace: String

    /// In an event, the id of the acknowledgement that the sender expects. In an acknowledgement, the event's id.
    public let acknowledgementID: UInt64?

    /// The binary messages that followed the packet, in order.
    public internal(set) var attachments: [[UInt8]] = []

    let message: [UInt8]
    /// The range of the payload. Around an array there may be whitespace.
    let payloadRange: Range<Int>?
    private let elements: JSONRanges

    /// Wraps a message with a validated payload.
    ///
    /// - Parameters:
    ///   - payload: The range of the payload, if the packet has one.
    ///   - elements: The ranges of the payload's elements if it is an array.
    init(_ header: PacketHeader, of message: [UInt8], payload: Range<Int>? = nil, elements: JSONRanges = JSONRanges()) {
        self.type = header.attachmentCount > 0 ? header.type : header.type.withoutAttachments
        self.namespace = header.namespace
        self.acknowledgementID = header.acknowledgementID
        self.message = message
        self.payloadRange = payload
        self.elements = elements
    }

    /// The object that a client sent with CONNECT to identify itself, or nil.
    public var auth: JSONText? {
        guard type == .connect else { return nil }
        return payloadRange.map { JSONText(validated: message, in: $0) }
    }

    /// The total size of the messages that carried the packet, in bytes.
    var byteCount: Int { attachments.reduce(message.count) { $0 + $1.count } }

    /// The event's name as the JSON string that was sent, or nil if the packet is not an event.
    public var eventName: JSONText? {
        guard isEvent, let name = elements.first else { return nil }
        return JSONText(validated: message, in: name)
    }

    /// The event's name, decoded on each access, or nil if the packet is not an event.
    public var name: String? { eventName?.string }

    /// The arguments of an event or acknowledgement. Empty for other types of packet.
    public var arguments: Arguments {
        Arguments(validated: message, elements: elements, skipping: isEvent ? 1 : 0, attachments: attachments)
    }

    /// The text of the arguments, separated by commas, for forwarding without decoding.
    public var argumentsSlice: ArraySlice<UInt8> { arguments.slice }

    private var isEvent: Bool { type == .event || type == .binaryEvent }
}
