/// The members of a packet's map in MessagePack. If a key repeats, the last one counts. Unknown keys, such as the
/// official client's `options`, are skipped. A member that is null or `undefined` is absent, because some clients write
/// such members.
struct MessagePackPacket {
    private var type: PacketType?
    private var namespace: String?
    private var acknowledgementID: UInt64?
    private var payload: JSONText?
    private var attachments: [[UInt8]] = []
    /// At the beginning of the payload.
    private var payloadReader: MessagePackReader

    private let message: [UInt8]

    /// Reads the one value of a message.
    init(_ message: [UInt8]) throws(MessagePackError) {
        self.message = message
        var reader = MessagePackReader(message)
        payloadReader = reader
        guard case .map(let count) = try reader.next() else { throw .notAMap }
        for _ in 0..<count {
            guard case .string(let range) = try reader.next() else { throw .invalidKey }
            try readMember(message[range], from: &reader)
        }
        guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    }

    private mutating func readMember(
        _ key: ArraySlice<UInt8>, from reader: inout MessagePackReader
    ) throws(MessagePackError) {
        if key.elementsEqual("type".utf8) {
            type = try Self.type(try reader.next())
        } else if key.elementsEqual("nsp".utf8) {
            namespace = try string(try reader.next())
        } else if key.elementsEqual("id".utf8) {
            acknowledgementID = try Self.acknowledgementID(try reader.next())
        } else if key.elementsEqual("data".utf8) {
            try readPayload(&reader)
        } else {
            try reader.skipValue()
        }
    }

    private static func type(_ token: MessagePackToken) throws(MessagePackError) -> PacketType {
        guard case .unsigned(let number) = token, number <= UInt64(PacketType.connectError.rawValue),
            let type = PacketType(rawValue: UInt8(number))
        else { throw .invalidType }
        return type
    }

    private func string(_ token: MessagePackToken) throws(MessagePackError) -> String {
        guard case .string(let range) = token else { throw .invalidNamespace }
        guard let string = String(validating: message[range], as: UTF8.self) else { throw .invalidText }
        return string
    }

    private static func acknowledgementID(_ token: MessagePackToken) throws(MessagePackError) -> UInt64? {
        switch token {
        case .null: return nil
        case .unsigned(let number) where number <= PacketHeader.maxAcknowledgementID: return number
        case _ where token.isUndefined: return nil
        default: throw .invalidID
        }
    }

    private mutating func readPayload(_ reader: inout MessagePackReader) throws(MessagePackError) {
        payloadReader = reader
        let first = try reader.next()
        guard first != .null, !first.isUndefined else {
            payload = nil
            attachments = []
            return
        }
        var conversion = MessagePackToJSON(message)
        try conversion.convert(first, from: &reader)
        payload = JSONText(validated: conversion.json)
        attachments = conversion.attachments
    }

    /// The payload of CONNECT, which has no attachments: binary values are arrays of numbers. The type is known only
    /// after the last member, so the payload is converted once more.
    private func auth() throws(MessagePackError) -> JSONText? {
        guard !attachments.isEmpty else { return payload }
        var reader = payloadReader
        var conversion = MessagePackToJSON(message, allowsAttachments: false)
        try conversion.convert(try reader.next(), from: &reader)
        return JSONText(validated: conversion.json)
    }

    /// The packet with these members.
    func packet() throws -> Packet {
        guard let type else { throw MessagePackError.invalidType }
        guard let namespace else { throw MessagePackError.invalidNamespace }
        if type == .connect { return try Packet(type, payload: auth(), namespace: namespace) }
        return try Packet(
            type, payload: payload, attachments: attachments, acknowledgementID: acknowledgementID,
            namespace: namespace)
    }
}
