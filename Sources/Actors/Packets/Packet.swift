/// One complete Socket.IO packet from a client (Socket.IO protocol 5).
///
/// Keeps the message as it was received and knows where its parts are, so that nothing is decoded or copied unless
/// asked for.
public struct Packet: Sendable {
    /// What the packet is. Binary types only when something is attached: `50-["x"]` is an event.
    public let type: PacketType

    /// The namespace, without its query: `/` or for example `/admin`.
    public let namespace: String

    /// The number under which the sender awaits an acknowledgement, or which an acknowledgement answers.
    public let acknowledgementID: UInt64?

    /// The binary messages that followed the packet, in order.
    public internal(set) var attachments: [[UInt8]] = []

    private let message: [UInt8]
    private let authRange: Range<Int>?
    private let elements: JSONRanges

    /// Takes a message whose payload was validated: `auth` is where an object is, `elements` are the parts of an array.
    init(_ header: PacketHeader, of message: [UInt8], auth: Range<Int>? = nil, elements: JSONRanges = JSONRanges()) {
        self.type = header.attachmentCount > 0 ? header.type : header.type.withoutAttachments
        self.namespace = header.namespace
        self.acknowledgementID = header.acknowledgementID
        self.message = message
        self.authRange = auth
        self.elements = elements
    }

    /// The object that a client sent with CONNECT to identify itself, or nil when it sent none.
    public var auth: JSONText? {
        authRange.map { JSONText(validated: message, in: $0) }
    }

    /// The size of the messages it came in.
    var byteCount: Int { attachments.reduce(message.count) { $0 + $1.count } }

    /// An event's name as the JSON string that was sent, or nil when the packet is no event.
    public var eventName: JSONText? {
        guard isEvent, let name = elements.first else { return nil }
        return JSONText(validated: message, in: name)
    }

    /// An event's name, decoded on each call, or nil when the packet is no event.
    public var name: String? { eventName?.string }

    /// The arguments of an event or acknowledgement. Empty for other packets.
    public var arguments: Arguments {
        Arguments(validated: message, elements: elements, skipping: isEvent ? 1 : 0, attachments: attachments)
    }

    /// The text of the arguments, commas between them, to pass on without decoding.
    public var argumentsSlice: ArraySlice<UInt8> { arguments.slice }

    private var isEvent: Bool { type == .event || type == .binaryEvent }
}
