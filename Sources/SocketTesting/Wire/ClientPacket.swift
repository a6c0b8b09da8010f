import Actors

/// Encodes the Socket.IO packets of a client, as the messages that carry them (Socket.IO protocol 5).
struct ClientPacket {
    /// The text, with Engine.IO's type.
    let text: [UInt8]
    let attachments: [[UInt8]]

    static func connect(_ namespace: String, auth: JSONText?) -> ClientPacket {
        ClientPacket(.connect, namespace, auth.map { Array($0.utf8) } ?? [])
    }

    static func disconnect(_ namespace: String) -> ClientPacket {
        ClientPacket(.disconnect, namespace, [])
    }

    static func event(_ name: String, _ arguments: Arguments, id: UInt64?, in namespace: String) -> ClientPacket {
        let parts = [Array(JSONText(string: name).utf8)] + (arguments.isEmpty ? [] : [Array(arguments.slice)])
        return ClientPacket(
            arguments.attachments.isEmpty ? .event : .binaryEvent, namespace, id: id, list(parts),
            attachments: arguments.attachments)
    }

    static func acknowledgement(_ id: UInt64, _ arguments: Arguments, in namespace: String) -> ClientPacket {
        ClientPacket(
            arguments.attachments.isEmpty ? .acknowledgement : .binaryAcknowledgement, namespace, id: id,
            list([Array(arguments.slice)]), attachments: arguments.attachments)
    }

    private static func list(_ parts: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }

    private init(
        _ type: PacketType, _ namespace: String, id: UInt64? = nil, _ payload: [UInt8], attachments: [[UInt8]] = []
    ) {
        var head = "4\(type.rawValue)"
        if !attachments.isEmpty { head += "\(attachments.count)-" }
        if namespace != "/" { head += namespace + "," }
        if let id { head += "\(id)" }
        text = Array(head.utf8) + payload
        self.attachments = attachments
    }
}
