/// What comes before a packet's payload: `TYPE[ATTACHMENTS-][/namespace,][ACKID]`.
struct PacketHeader {
    /// Of these many digits every number is exact in JavaScript and fits into 64 bits.
    static let maxDigits = 15

    let type: PacketType
    let attachmentCount: Int
    let namespace: String
    let acknowledgementID: UInt64?
    /// Where the payload begins, or the end of the message when there is none.
    let payloadStart: Int

    /// - Parameters:
    ///   - message: The message, valid UTF-8.
    ///   - start: Where the packet begins in it.
    ///   - maxAttachments: How many attachments a packet may announce.
    init(_ message: [UInt8], from start: Int, maxAttachments: Int) throws(PacketError) {
        let text = message.span
        var position = start
        guard text.indices.contains(position) else { throw .empty }
        guard let type = PacketType(digit: text[position]) else { throw .unknownType(text[position]) }
        self.type = type
        position += 1
        attachmentCount = type.isBinary ? try Self.attachments(text, &position, limit: maxAttachments) : 0
        namespace = Self.namespace(message, &position)
        acknowledgementID = type.takesAcknowledgementID ? try Self.acknowledgementID(text, &position) : nil
        payloadStart = position
    }

    private static func attachments(
        _ text: Span<UInt8>, _ position: inout Int, limit: Int
    ) throws(PacketError) -> Int {
        let start = position
        let count = number(text, &position)
        guard position > start else { throw .missingAttachmentCount }
        guard let count, count <= UInt64(limit) else { throw .tooManyAttachments(limit: limit) }
        guard position < text.count, text[position] == UInt8(ascii: "-") else { throw .missingAttachmentCount }
        position += 1
        return Int(count)
    }

    /// The namespace up to its comma, which may be missing at the end of the message. Its query belongs to the
    /// application of an earlier protocol version and names nothing.
    private static func namespace(_ message: [UInt8], _ position: inout Int) -> String {
        guard position < message.count, message[position] == UInt8(ascii: "/") else { return "/" }
        let text = message.span
        let start = position
        var nameEnd: Int?
        while position < text.count, text[position] != UInt8(ascii: ",") {
            if nameEnd == nil, text[position] == UInt8(ascii: "?") { nameEnd = position }
            position += 1
        }
        let name = message[start..<(nameEnd ?? position)]
        if position < text.count { position += 1 }
        return String(decoding: name, as: UTF8.self)
    }

    private static func acknowledgementID(
        _ text: Span<UInt8>, _ position: inout Int
    ) throws(PacketError) -> UInt64? {
        let start = position
        let id = number(text, &position)
        guard position > start else { return nil }
        guard let id else { throw .acknowledgementIDTooLong(limit: maxDigits) }
        return id
    }

    /// The number whose digits begin at `position`; nil when there are none, or more than `maxDigits`, of which no
    /// more are read.
    private static func number(_ text: Span<UInt8>, _ position: inout Int) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < text.count {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            guard position - start < maxDigits else { return nil }
            value = value * 10 + UInt64(digit)
            position += 1
        }
        return position > start ? value : nil
    }
}
