import Actors
import TestSupport
import Testing

@testable import Cluster

/// Values of the messages in the golden files.
enum FormatSamples {
    static let uid = "0123456789abcdef"
    static let requestID = "fedcba9876543210"
    static let shortID = "uvwXYZ"
    static let everyone = MessageTarget()
    static let roomA = MessageTarget(rooms: ["a"])

    static func arguments(_ text: String, _ attachments: [UInt8]...) -> EncodedArguments {
        EncodedArguments(text: Array(text.utf8), attachments: attachments)
    }

    static func packet(_ text: String, _ attachments: [UInt8]...) -> EventPacket {
        EventPacket(EncodedArguments(text: Array(text.utf8), attachments: attachments))
    }

    static func value(_ text: String, _ attachments: [UInt8]...) -> MixedValue {
        EncodedArguments(text: Array(text.utf8), attachments: attachments).first
    }

    static func ping(_ text: String = "", _ attachments: [UInt8]...) -> ServerEvent {
        ServerEvent(
            namespace: "/chat", name: "ping",
            arguments: EncodedArguments(text: Array(text.utf8), attachments: attachments))
    }

    static func flags(_ change: (inout MessageFlags) -> Void) -> MessageFlags {
        var flags = MessageFlags()
        change(&flags)
        return flags
    }

    static func message(_ content: ClusterMessage.Content, stamp: EventStamp? = nil) -> ClusterMessage {
        ClusterMessage(uid: uid, namespace: "/chat", content: content, stamp: stamp)
    }

    static let socketID = String(repeating: "a", count: 20)

    static func socket(
        _ data: MixedValue = value(#"{"n":1}"#), hasHandshake: Bool = true, rooms: [String] = [socketID, "red"]
    ) -> SocketDescription {
        let handshake = value(
            #"{"headers":{"host":"a"},"time":"","address":"127.0.0.1","xdomain":false,"secure":true,"#
                + #""issued":1700000000000,"url":"/","query":{"EIO":"4"},"auth":{}}"#)
        return SocketDescription(id: socketID, handshake: hasHandshake ? handshake : nil, rooms: rooms, data: data)
    }

    /// The placeholder of an attachment.
    static func placeholder(_ number: Int) -> String { #"{"_placeholder":true,"num":\#(number)}"# }
}
