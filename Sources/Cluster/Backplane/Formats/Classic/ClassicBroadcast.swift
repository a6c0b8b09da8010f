import Actors

/// An event for clients in the format of the Redis adapter 8.3 with PUBLISH, and of its emitter: the array
/// `[uid, packet, opts]` in MessagePack.
package struct ClassicBroadcast: Sendable, Equatable {
    /// The id of the node that sends the event, in this namespace; ``ClusterMessage/emitterID`` for an emitter.
    package let uid: String
    /// The namespace, with its leading slash. Channels of other namespaces can match the same pattern, so a receiver
    /// compares it.
    package let namespace: String
    package let packet: EventPacket
    package let target: MessageTarget
    /// The place among the sender's messages, if the sender is a server like this one. It is a member of `opts`.
    package let stamp: EventStamp?

    /// Creates an event. The properties explain the parameters.
    package init(
        uid: String, namespace: String, packet: EventPacket, target: MessageTarget, stamp: EventStamp? = nil
    ) {
        self.uid = uid
        self.namespace = namespace
        self.packet = packet
        self.target = target
        self.stamp = stamp
    }

    /// False for an emitter, which must not be counted as a node.
    package var isFromNode: Bool { uid != ClusterMessage.emitterID }
}

extension ClassicBroadcast {
    /// Reads the payload. Official servers with the option `parser` may write JSON, in which an array begins with `[`;
    /// in MessagePack that byte is a number.
    /// - Throws: ``FormatError`` if the bytes are not a broadcast, or exceed a limit.
    package init(_ bytes: [UInt8], limits: FormatLimits = FormatLimits()) throws(FormatError) {
        let isJSON = bytes.first == UInt8(ascii: "[")
        let value = isJSON ? try MixedValue(json: bytes, limits: limits) : try MixedValue(packed: bytes, limits: limits)
        let message = try MessageObject(elementsOf: value, as: [.uid, .packet, .opts], limits: limits)
        uid = try message.identifier(.uid)
        let packet = try message.object(.packet)
        namespace = packet.has(.nsp) ? try packet.namespace() : "/"
        self.packet = try EventPacket(packet)
        let options = try message.object(.opts)
        target = try MessageTarget(options)
        stamp = try EventStamp(of: options)
    }

    /// The payload.
    package var encoded: [UInt8] {
        MessageTree.list([.text(uid), packet.tree(namespace: namespace), target.tree(stamp: stamp)]).messagePack
    }
}
