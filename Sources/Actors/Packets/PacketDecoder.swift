import Transport

/// Turns the messages of one connection into Socket.IO packets.
///
/// A packet with attachments is one text message followed by binary messages. The decoder holds the packet until it is
/// complete. The limits on the number of attachments and on the transport's message size bound the memory for it.
/// After an error the caller must close the connection.
struct PacketDecoder: Sendable {
    /// Indirect, so that an idle connection's decoder takes only two words.
    private indirect enum State {
        case idle
        case awaitingAttachments(Packet, missing: Int)
    }

    private let maxAttachments: Int
    private var state = State.idle

    /// - Parameter maxAttachments: The maximum number of attachments of a packet.
    init(maxAttachments: Int = 10) {
        self.maxAttachments = max(0, maxAttachments)
    }

    /// The size in bytes of the incomplete packet, 0 without one.
    var heldBytes: Int {
        guard case .awaitingAttachments(let packet, _) = state else { return 0 }
        return packet.byteCount
    }

    /// Decodes one message of the connection's Engine.IO session. In a text message, the packet follows Engine.IO's
    /// type byte.
    ///
    /// - Returns: The complete packet, or nil while attachments are missing.
    /// - Throws: `PacketError` if the message is not a packet that a client may send now, or is an attachment that no
    ///   packet announced.
    mutating func receive(_ message: ClientMessage) throws(PacketError) -> Packet? {
        switch message {
        case .text(let text): try begin(text)
        case .binary(let attachment): try attach(attachment)
        }
    }

    private mutating func begin(_ text: [UInt8]) throws(PacketError) -> Packet? {
        if case .awaitingAttachments(_, let missing) = state { throw .textWhileAttachmentsDue(missing) }
        let header = try PacketHeader(text, from: 1, maxAttachments: maxAttachments)
        let packet = try Self.packet(header, text)
        guard header.attachmentCount > 0 else { return packet }
        state = .awaitingAttachments(packet, missing: header.attachmentCount)
        return nil
    }

    private mutating func attach(_ attachment: [UInt8]) throws(PacketError) -> Packet? {
        guard case .awaitingAttachments(var packet, let missing) = state else { throw .unexpectedAttachment }
        state = .idle
        packet.attachments.append(attachment)
        guard missing > 1 else { return packet }
        state = .awaitingAttachments(packet, missing: missing - 1)
        return nil
    }

    /// Parses the payload of a text message and checks it against the packet's type.
    private static func packet(_ header: PacketHeader, _ text: [UInt8]) throws(PacketError) -> Packet {
        let range = header.payloadStart..<text.count
        switch header.type {
        case .connect:
            let auth = range.isEmpty ? nil : try object(text, range)
            return Packet(header, of: text, payload: auth)
        case .disconnect:
            guard range.isEmpty else { throw .unexpectedPayload }
            return Packet(header, of: text)
        case .event, .binaryEvent:
            let elements = try array(header, text, range)
            try checkName(text, elements)
            return Packet(header, of: text, payload: range, elements: elements)
        case .acknowledgement, .binaryAcknowledgement:
            return Packet(header, of: text, payload: range, elements: try array(header, text, range))
        case .connectError:
            throw .connectErrorFromClient
        }
    }

    private static func object(_ text: [UInt8], _ range: Range<Int>) throws(PacketError) -> Range<Int> {
        do {
            return try JSONScanner.validateObject(text, in: range)
        } catch {
            throw .invalidPayload(.connect, error)
        }
    }

    private static func array(
        _ header: PacketHeader, _ text: [UInt8], _ range: Range<Int>
    ) throws(PacketError) -> JSONRanges {
        let elements: JSONRanges
        do {
            elements = try JSONScanner.splitArray(text, in: range)
        } catch {
            throw .invalidPayload(header.type, error)
        }
        if header.type.isBinary {
            var check = PlaceholderCheck(text, attachments: header.attachmentCount)
            guard check.passes(in: range) else { throw .invalidPlaceholder(attachments: header.attachmentCount) }
        }
        return elements
    }

    private static func checkName(_ text: [UInt8], _ elements: JSONRanges) throws(PacketError) {
        guard let range = elements.first else { throw .missingEventName }
        let name = JSONText(validated: text, in: range)
        guard name.kind == .string else { throw .eventNameNotString }
        if let reserved = ReservedEventNames.match(name) { throw .reservedEventName(reserved) }
    }
}
