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
    /// True if the audience consists of the members of ``rooms``, even if that list is empty.
    var namesRooms = false
    /// True if the audience has only sockets of this worker.
    var isLocal = false

    /// Adds rooms whose members receive the event. A socket's id names a room that contains only this socket.
    public func to(_ rooms: String...) -> Audience {
        to(rooms)
    }

    /// Adds one socket that receives the event.
    public func to(_ id: SessionID) -> Audience {
        to([id.description])
    }

    /// Adds rooms whose members receive the event.
    /// - Parameter rooms: The rooms. An audience with an empty list of rooms addresses no socket, so that an empty
    ///   result of a computation does not address everyone, as it does in Node.
    public func to(_ rooms: [String]) -> Audience {
        var audience = self
        audience.rooms += rooms
        audience.namesRooms = true
        return audience
    }

    /// Adds rooms whose members do not receive the event.
    public func except(_ rooms: String...) -> Audience {
        except(rooms)
    }

    /// Adds rooms whose members do not receive the event.
    public func except(_ rooms: [String]) -> Audience {
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

    /// The sockets of the audience on this worker only, as far as the hub has confirmed their memberships. Events and
    /// changes do not pass through the hub: they have no place in the order of other workers' events, and a client
    /// that is lost does not receive them when it comes back.
    public var local: Audience {
        var audience = self
        audience.isLocal = true
        return audience
    }

    /// True if the audience addresses no socket on any worker.
    var isEmpty: Bool { namesRooms && rooms.isEmpty }

    /// Sends an event. Callable from any thread. An event with a reserved name is reported and not sent.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        guard worker?.allows(event: event, in: namespace) != false, !isEmpty else { return }
        let broadcast = broadcast(event, arguments)
        if isLocal { carryOut(.emit(broadcast)) } else { submit(.emit(broadcast, sender: sender?.key)) }
    }

    /// The encoded event and its recipients.
    func broadcast(_ event: String, _ arguments: Arguments) -> Broadcast {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(event, arguments, namespace: namespace, to: &text)
        return Broadcast(
            namespace: namespace, rooms: rooms, exceptions: exceptions,
            event: EncodedEvent(text: text, attachments: arguments.attachments), isVolatile: isVolatile)
    }

    /// Submits a request, in the order of the sender's calls if there is a sender.
    func submit(_ request: HubRequest) {
        if let sender {
            sender.run { $0.submit(request) }
        } else {
            worker?.run { $0.submit(request) }
        }
    }

    /// Carries out an operation on this worker, in the order of the sender's calls if there is a sender.
    func carryOut(_ operation: LocalOperation) {
        if let sender {
            sender.run { $0.perform(.output(.local(operation))) }
        } else {
            worker?.run { $0.carryOut(operation) }
        }
    }
}
