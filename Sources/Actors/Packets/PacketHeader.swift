/// The part of a packet before its payload: `TYPE[ATTACHMENTS-][/namespace,][ACKID]`.
struct PacketHeader {
    /// The maximum number of digits. Every number of 15 digits is exact in JavaScript and fits into 64 bits.
    static let maxDigits = 15
    /// The largest number of ``maxDigits`` digits.
    static let maxAcknowledgementID: UInt64 = 999_999_999_999_999

    let type: PacketType
    let attachmentCount: Int
    let namespace: String
    let acknowledgementID: UInt64?
    /// The offset of the payload, or the end of the message without a payload.
    let payloadStart: Int

    /// The header of a packet that is not parsed from the default format.
    init(_ type: PacketType, attachmentCount: Int, acknowledgementID: UInt64?, namespace: String) {
        self.type = type
        self.attachmentCount = attachmentCount
        self.acknowledgementID = acknowledgementID
        self.namespace = namespace
        payloadStart = 0
    }

    /// Parses the header of the packet at `start`.
    ///
    /// - Parameters:
    ///   - message: The message, valid UTF-8.
    ///   - start: The offset of the packet in the message.
    ///   - maxAttachments: The maximum number of attachments that a packet may announce.
    /// - Throws: `PacketError` if the header is malformed or exceeds a limit.
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

    /// Reads the namespace up to its comma. The comma may be missing at the end of the message. A query, which earlier
    /// protocol versions used, is not part of the name.
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

    /// Reads the number at `position`. Returns nil if there are no digits, or more than `maxDigits`; in that case
    /// `position` is after the first `maxDigits` of them.
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
