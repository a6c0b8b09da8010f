import Actors

/// One Socket.IO packet of a server (Socket.IO protocol 5).
struct ServerPacket {
    enum Content {
        case connected(JSONText)
        case disconnected
        case event(name: String, Arguments)
        case acknowledgement(Arguments)
        case refused(JSONText)
    }

    let namespace: String
    let acknowledgementID: UInt64?
    let content: Content

    /// - Parameters:
    ///   - text: The packet without Engine.IO's type.
    ///   - attachments: The binary messages after it.
    init(_ text: [UInt8], attachments: [[UInt8]]) throws {
        let header = try ServerPacketHeader(text)
        namespace = header.namespace
        acknowledgementID = header.acknowledgementID
        let payload = Array(text[header.payloadStart...])
        switch header.type {
        case .connect: content = .connected(try JSONText(validating: payload))
        case .disconnect: content = .disconnected
        case .connectError: content = .refused(try JSONText(validating: payload))
        case .event, .binaryEvent:
            let elements = try JSONText(validating: payload).elements ?? []
            guard let name = elements.first?.string else { throw ServerPacketHeader.invalid(text) }
            content = .event(name: name, try Self.arguments(elements.dropFirst(), attachments))
        case .acknowledgement, .binaryAcknowledgement:
            let elements = try JSONText(validating: payload).elements ?? []
            content = .acknowledgement(try Self.arguments(elements[...], attachments))
        }
    }

    private static func arguments(_ elements: ArraySlice<JSONText>, _ attachments: [[UInt8]]) throws -> Arguments {
        try Arguments(
            slice: Array(elements.map(\.utf8).joined(separator: [UInt8(ascii: ",")])), attachments: attachments)
    }
}
