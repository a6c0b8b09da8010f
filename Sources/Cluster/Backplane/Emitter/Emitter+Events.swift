import Actors

/// Events. All calls throw ``EmitterError``, and `CancellationError` if the task is cancelled.
extension Emitter {
    /// Sends an event to the clients of the audience.
    public func emit(_ event: String, _ arguments: Arguments = []) async throws {
        guard !isEmpty else { return }
        let packet = EventPacket(try named(event, arguments))
        var flags = MessageFlags()
        flags.isVolatile = isVolatile
        let target = MessageTarget(rooms: rooms, exceptions: exceptions, flags: flags)
        try await publish(.event(Broadcast(packet, to: target, namespace: namespace)))
    }

    /// Sends an event with Swift values as arguments to the clients of the audience.
    /// - Throws: The errors of ``emit(_:_:)``; `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) async throws {
        try await emit(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }

    /// Sends an event to every server, for the handlers that it has set with `onServerSide`; on a host with several
    /// workers, to each of them. The audience's rooms have no meaning for it.
    public func serverSideEmit(_ event: String, _ arguments: Arguments = []) async throws {
        _ = try named(event, arguments)
        let arguments = EncodedArguments(text: Array(arguments.slice), attachments: arguments.attachments)
        try await publish(.serverEvent(ServerEvent(namespace: namespace, name: event, arguments: arguments)))
    }

    /// Sends an event with Swift values as arguments to every server, as ``serverSideEmit(_:_:)`` does.
    /// - Throws: The errors of ``emit(_:_:)``; `EncodingError` if a value cannot be sent.
    public func serverSideEmit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) async throws {
        try await serverSideEmit(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }

    /// An event's name and its arguments.
    private func named(_ event: String, _ arguments: Arguments) throws(EmitterError) -> EncodedArguments {
        guard !ReservedEventNames.contains(event) else { throw .invalidEvent("the name \"\(event)\" is reserved") }
        var text = Array(JSONText(string: event).utf8)
        if arguments.count > 0 { text += [UInt8(ascii: ",")] + arguments.slice }
        return EncodedArguments(text: text, attachments: arguments.attachments)
    }
}

/// Changes of all sockets of the audience.
extension Emitter {
    /// Makes the sockets join rooms.
    public func socketsJoin(_ rooms: String...) async throws {
        try await change(.join(rooms))
    }

    /// Makes the sockets join rooms.
    public func socketsJoin(_ rooms: [String]) async throws {
        try await change(.join(rooms))
    }

    /// Makes the sockets leave rooms.
    public func socketsLeave(_ rooms: String...) async throws {
        try await change(.leave(rooms))
    }

    /// Makes the sockets leave rooms.
    public func socketsLeave(_ rooms: [String]) async throws {
        try await change(.leave(rooms))
    }

    /// Disconnects the clients from the namespace.
    /// - Parameter close: True to disconnect the clients from every namespace and close their connections.
    public func disconnectSockets(close: Bool = false) async throws {
        try await change(.disconnect(close: close))
    }

    private func change(_ change: SocketChange) async throws {
        guard !isEmpty else { return }
        let selection = SocketSelection(namespace: namespace, rooms: rooms, exceptions: exceptions)
        try await publish(.change(selection, change))
    }

    /// True if the audience addresses no socket.
    private var isEmpty: Bool { namesRooms && rooms.isEmpty }

    private func publish(_ message: BackplaneMessage) async throws {
        let limit = FormatLimits().namespace
        guard namespace.utf8.count <= limit else {
            throw EmitterError.invalidEvent("the namespace has more than \(limit) bytes")
        }
        guard !namespace.utf8.contains(UInt8(ascii: ",")) else {
            throw EmitterError.invalidEvent("the namespace has a comma")
        }
        if let refusal = message.refusal { throw EmitterError.invalidEvent(refusal) }
        try await publisher.publish(message)
    }
}
