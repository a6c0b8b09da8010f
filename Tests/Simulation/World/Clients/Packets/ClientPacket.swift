import Actors

/// The encoder of a client's Socket.IO packets.
enum ClientPacket {
    /// The packet types, without the binary variants.
    enum Kind: Int {
        case connect, disconnect, event, acknowledgement
    }

    /// - Parameter number: the acknowledgement id.
    static func encode(
        _ kind: Kind, in namespace: String, number: Int? = nil, _ arguments: [Argument]
    ) -> [EnginePacket] {
        var attachments: [EnginePacket] = []
        var values: [JSONText] = []
        for argument in arguments {
            switch argument {
            case .json(let value): values.append(value)
            case .binary(let bytes):
                values.append(
                    JSONText(object: [
                        ("_placeholder", JSONText(bool: true)), ("num", JSONText(integer: attachments.count)),
                    ]))
                attachments.append(.binary(bytes))
            }
        }
        let type = attachments.isEmpty ? "\(kind.rawValue)" : "\(kind.rawValue + 3)\(attachments.count)-"
        return [.text(head(type, namespace, number) + JSONText(array: values).utf8)] + attachments
    }

    /// - Parameter data: the handshake data.
    static func connect(to namespace: String, _ data: JSONText) -> [EnginePacket] {
        [.text(head("\(Kind.connect.rawValue)", namespace, nil) + data.utf8)]
    }

    static func disconnect(from namespace: String) -> [EnginePacket] {
        [.text(head("\(Kind.disconnect.rawValue)", namespace, nil))]
    }

    private static func head(_ type: String, _ namespace: String, _ number: Int?) -> [UInt8] {
        Array("4\(type)\(namespace == "/" ? "" : namespace + ",")\(number.map { "\($0)" } ?? "")".utf8)
    }
}
