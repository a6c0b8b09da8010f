import Transport

/// The recipients of an event, on all workers: everyone in a namespace, or the members of some rooms, except the
/// members of excluded rooms.
public struct Audience: Sendable {
    /// nil before the server has started and once it is gone; then events are dropped.
    let worker: Worker?
    let namespace: String
    var rooms: [String]
    var exceptions: [String]
    /// The socket that emits the event; nil if the server emits it. A socket's event keeps its place among the socket's
    /// other output.
    let sender: Socket?
    var isVolatile: Bool

    /// Adds rooms whose members receive the event. A socket's id names a room that contains only this socket.
    public func to(_ rooms: String...) -> Audience {
        var audience = self
        audience.rooms += rooms
        return audience
    }

    /// Adds rooms whose members do not receive the event.
    public func except(_ rooms: String...) -> Audience {
        var audience = self
        audience.exceptions += rooms
        return audience
    }

    /// The same audience for a volatile event: clients that are not ready to receive the event miss it.
    public var volatile: Audience {
        var audience = self
        audience.isVolatile = true
        return audience
    }

    /// Sends an event. Callable from any thread. An event with a reserved name is reported and not sent.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        guard worker?.allows(event: event, in: namespace) != false else { return }
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(event, arguments, namespace: namespace, to: &text)
        let broadcast = Broadcast(
            namespace: namespace, rooms: rooms, exceptions: exceptions,
            event: EncodedEvent(text: text, attachments: arguments.attachments), isVolatile: isVolatile)
        if let sender {
            sender.run { $0.submitBroadcast(broadcast) }
        } else {
            worker?.run { $0.submit(.emit(broadcast, sender: nil)) }
        }
    }
}
