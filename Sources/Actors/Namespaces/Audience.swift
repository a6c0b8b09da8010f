import Transport

/// Whom an event is for: everyone in a namespace or the members of some rooms, but for some, on every worker.
public struct Audience: Sendable {
    /// nil once the server is gone; then nobody is left to get the event.
    let worker: Worker?
    let namespace: String
    var rooms: [String]
    var exceptions: [String]
    /// The socket whose order of doing things the event keeps.
    let sender: Socket?
    var isVolatile: Bool

    /// Adds rooms whose members get the event. A socket's id is the name of its own room.
    public func to(_ rooms: String...) -> Audience {
        var audience = self
        audience.rooms += rooms
        return audience
    }

    /// Adds rooms whose members do not get the event.
    public func except(_ rooms: String...) -> Audience {
        var audience = self
        audience.exceptions += rooms
        return audience
    }

    /// The same audience; clients that cannot take the event now miss it.
    public var volatile: Audience {
        var audience = self
        audience.isVolatile = true
        return audience
    }

    /// Sends an event. May be called from any thread.
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
