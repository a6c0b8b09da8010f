/// Packets as parsers of an application read and make them.
extension Packet {
    /// Makes a packet.
    /// - Parameters:
    ///   - type: The packet's type. Whether an event or an acknowledgement is binary depends on `attachments`.
    ///   - payload: What the packet carries as JSON. An event has an array with its name and its arguments, an
    ///     acknowledgement an array with its arguments, CONNECT an object or nil, CONNECT_ERROR an object, and
    ///     DISCONNECT nil. JSON's null counts as nil.
    ///   - attachments: The binary data that the placeholders in the payload of an event or acknowledgement refer to.
    ///     A placeholder is the object `{"_placeholder":true,"num":N}` for attachment number N. Each attachment has at
    ///     most one. If `attachments` is empty, such objects are plain data.
    ///   - acknowledgementID: The id of an acknowledgement, or that which an event expects, of at most 15 digits.
    ///     Ignored for other types.
    ///   - namespace: The namespace. A query after its name is dropped.
    /// - Throws: ``PacketError`` if the payload does not fit the type, a placeholder refers to no attachment or to that
    ///   of another one, the acknowledgement id is too long, or `namespace` is no name of a namespace.
    public init(
        _ type: PacketType, payload: JSONText? = nil, attachments: [[UInt8]] = [], acknowledgementID: UInt64? = nil,
        namespace: String = "/"
    ) throws(PacketError) {
        // In bytes, because a combining mark after a comma makes it another `Character`.
        guard namespace.utf8.first == UInt8(ascii: "/"), !namespace.utf8.contains(UInt8(ascii: ",")) else {
            throw .invalidNamespace(namespace)
        }
        let type = type.withoutAttachments
        // In an expression such as `isEmpty ? nil : text`, nil is JSON's null.
        let payload = payload?.isNull == true ? Optional.none : payload
        guard attachments.isEmpty || type.takesAcknowledgementID else { throw .attachmentsNotAllowed(type) }
        let acknowledgementID = type.takesAcknowledgementID ? acknowledgementID : nil
        guard acknowledgementID ?? 0 <= PacketHeader.maxAcknowledgementID else {
            throw .acknowledgementIDTooLong(limit: PacketHeader.maxDigits)
        }
        var elements = JSONRanges()
        switch type {
        case .connect where payload == nil: break
        case .connect, .connectError:
            guard payload?.kind == .object else { throw .invalidPayload(type, Self.unexpected(payload)) }
        case .disconnect:
            guard payload == nil else { throw .unexpectedPayload }
        case .event, .acknowledgement, .binaryEvent, .binaryAcknowledgement:
            guard let payload else { throw .invalidPayload(type, .unexpectedEnd) }
            elements = try Self.elements(of: payload, type, attachments: attachments.count)
        }
        let header = PacketHeader(
            attachments.isEmpty ? type : type.withAttachments, attachmentCount: attachments.count,
            acknowledgementID: acknowledgementID,
            namespace: String(decoding: namespace.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self))
        self.init(header, of: payload?.storage ?? [], payload: payload?.range, elements: elements)
        self.attachments = attachments
    }

    private static func elements(
        of payload: JSONText, _ type: PacketType, attachments: Int
    ) throws(PacketError) -> JSONRanges {
        let elements: JSONRanges
        do {
            elements = try JSONScanner.splitArray(payload.storage, in: payload.range)
        } catch {
            throw .invalidPayload(type, error)
        }
        if attachments > 0 {
            var check = PlaceholderCheck(payload.storage, attachments: attachments)
            guard check.passes(in: payload.range) else { throw .invalidPlaceholder(attachments: attachments) }
        }
        guard type == .event else { return elements }
        guard let name = elements.first else { throw .missingEventName }
        guard JSONText(validated: payload.storage, in: name).kind == .string else { throw .eventNameNotString }
        return elements
    }

    private static func unexpected(_ payload: JSONText?) -> JSONError {
        guard let payload, let first = payload.utf8.first else { return .unexpectedEnd }
        return .unexpectedByte(first, offset: payload.range.lowerBound)
    }

    /// What the packet carries, as JSON: an object for CONNECT and CONNECT_ERROR, an array for an event or an
    /// acknowledgement, nil if there is nothing. It contains the placeholders of the ``attachments``.
    public var payload: JSONText? {
        guard let range = payloadRange else { return nil }
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = message[range].firstIndex(where: { !isSpace($0) }),
            let last = message[range].lastIndex(where: { !isSpace($0) })
        else { return nil }
        return JSONText(validated: message, in: first..<last + 1)
    }
}
