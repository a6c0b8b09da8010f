import Actors

/// An event for clients, as the packet object of the official adapters: `{"type":2,"data":["name",…]}`.
///
/// An official server with recovery appends the offset of its adapter to `data`; here it is an argument like others.
package struct EventPacket: Sendable, Equatable {
    /// The event's name and its arguments.
    package let arguments: EncodedArguments

    /// Creates a packet of an event's name and its arguments, as valid JSON.
    package init(_ arguments: EncodedArguments) {
        self.arguments = arguments
    }

    /// Reads a packet. The name must be a string that servers may emit.
    init(_ object: MessageObject) throws(FormatError) {
        let type = try object.type()
        // An event with binary data has the type 5 in the packets of early emitters.
        guard type == Int(PacketType.event.rawValue) || type == Int(PacketType.binaryEvent.rawValue) else {
            throw .unknownType(type)
        }
        let name: String
        (name, arguments) = try Self.event(object, .data)
        guard !ReservedEventNames.contains(name) else { throw .reservedEventName(name) }
    }

    /// A list of an event's name and its arguments.
    static func event(
        _ object: MessageObject, _ key: MessageKey
    ) throws(FormatError) -> (name: String, arguments: EncodedArguments) {
        guard object.has(key) else { throw .missing(key) }
        let value = object.value(key)
        guard let arguments = value.arguments, let name = value.json[0]?.string else { throw .invalid(key) }
        return (name, arguments)
    }

    /// The packet as an object.
    /// - Parameter namespace: The namespace, for the adapters whose packets have one.
    func tree(namespace: String? = nil) -> MessageTree {
        .object([
            (.type, .number(Int(PacketType.event.rawValue))), (.data, .value(MixedValue(arguments))),
            (.nsp, namespace.map { .text($0) }),
        ])
    }
}

extension Broadcast {
    /// The event of another server for this server's clients.
    package init(_ packet: EventPacket, to target: MessageTarget, namespace: String) {
        self.init(
            namespace: namespace, rooms: target.rooms, exceptions: target.exceptions,
            event: EncodedEvent(packet.arguments, namespace: namespace), isVolatile: target.flags.isVolatile)
    }

    /// The event for the clients of other servers; nil if the text is not an event.
    package var packet: EventPacket? {
        event.arguments.map { EventPacket($0) }
    }

    /// The recipients of the event.
    package var target: MessageTarget {
        var flags = MessageFlags()
        flags.isVolatile = isVolatile
        return MessageTarget(rooms: rooms, exceptions: exceptions, flags: flags)
    }
}
