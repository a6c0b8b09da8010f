extension Socket {
    /// Adds a handler of the events that the server sends to this socket's client: ``emit(_:_:)`` and its variants, and
    /// broadcasts that reach the socket, from any worker. It runs when the event is queued for the client, also if the
    /// event is volatile and then dropped.
    ///
    /// Not included are acknowledgements, stored messages (``Namespace/storesMessages(as:profile:)``), and the events
    /// that the client missed before it resumed its session. While a socket of the worker has such handlers, each
    /// broadcast looks for them among its recipients; otherwise broadcasts cost nothing more.
    ///
    /// A handler that emits to its own socket is called again for that event.
    /// - Parameter handler: The handler. Its event has no acknowledgement.
    /// - Returns: The token with which ``EventHandling/off(_:)-(HandlerToken)`` removes the handler.
    @discardableResult
    public func onAnyOutgoing(
        _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void
    ) -> HandlerToken {
        addOutgoing(handler, isFirst: false)
    }

    /// Adds a handler of outgoing events that runs before the existing ones. See ``onAnyOutgoing(_:)``.
    @discardableResult
    public func prependAnyOutgoing(
        _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void
    ) -> HandlerToken {
        addOutgoing(handler, isFirst: true)
    }

    private func addOutgoing(
        _ handler: @escaping @Sendable (isolated Socket, Event) throws -> Void, isFirst: Bool
    ) -> HandlerToken {
        if phase != .gone { worker.assumeIsolated { [id] in _ = $0.outgoingHandlerSockets.insert(id) } }
        return handlerRegistry.add(SocketHandler(handler), to: \.anyOutgoing, isFirst: isFirst)
    }

    /// Removes the handlers of outgoing events.
    public func offAnyOutgoing() {
        ownHandlers.load()?.change { $0.anyOutgoing = [] }
    }

    /// The number of handlers of outgoing events.
    public var anyOutgoingHandlerCount: Int { outgoingHandlers.count }

    private var outgoingHandlers: [HandlerEntry<Event>] { ownHandlers.load()?.snapshot.table.anyOutgoing ?? [] }

    /// Calls the handlers of outgoing events.
    func callOutgoingHandlers(for event: EncodedEvent) {
        let handlers = outgoingHandlers
        guard !handlers.isEmpty, let decoded = Event(sent: event) else { return }
        callAll(handlers, with: decoded)
    }
}

extension Event {
    /// Decodes an event that the server sends.
    fileprivate init?(sent event: EncodedEvent) {
        var decoder = PacketDecoder(maxAttachments: event.attachments.count)
        var packet = try? decoder.receive(.text(event.text))
        for attachment in event.attachments { packet = try? decoder.receive(.binary(attachment)) }
        guard let packet, let name = packet.name else { return nil }
        self.init(name: name, arguments: packet.arguments, acknowledgement: nil)
    }
}

extension Worker {
    /// Calls the handlers of outgoing events of the sockets that receive a run of events.
    func callOutgoingHandlers(_ run: EventRun, _ recipients: Membership.Recipients) {
        let sockets =
            switch recipients {
            case .room(let room): room.members
            case .members(let members): members
            }
        for socket in sockets where outgoingHandlerSockets.contains(socket.id) {
            for event in run.events { socket.assumeIsolated { $0.callOutgoingHandlers(for: event.event) } }
        }
    }
}
