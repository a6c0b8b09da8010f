import Actors

/// What the simulated servers serve: stored messages, and events that ask for everything that a handler can do.
enum SimulatedApplication {
    static func install(on server: Server) {
        let namespace = server.of("/")
        namespace.storesMessages(as: EventText.message) { handshake in
            MessageProfile(
                form: handshake.auth?[member: "details"]?.integer == 1 ? .detailed : .plain,
                author: handshake.auth?[member: "author"]?.utf8String().flatMap { $0.isEmpty ? nil : $0 })
        }
        namespace.on(EventText.message) { socket, event in
            guard case .json(let text)? = event.arguments.first, let content = text.utf8String(),
                case .json(let name) = event.arguments[1]
            else { return }
            socket.store(
                MessageDraft(
                    clientOffset: name.utf8String(), content: content, author: socket.messageProfile.author),
                acknowledgement: event.acknowledgement)
        }
        namespace.on(ClientRequest.event) { socket, event in
            for argument in event.arguments {
                guard case .json(let json) = argument, let request = ClientRequest(json) else { continue }
                carryOut(request, of: socket)
            }
            event.acknowledgement?()
        }
    }

    private static func carryOut(_ request: ClientRequest, of socket: isolated Socket) {
        guard socket.isConnected else { return }
        switch request {
        case .join(let room): socket.join(room)
        case .leave(let room): socket.leave(room)
        case .broadcast(let number, let rooms, let isVolatile, let tail):
            var audience = rooms.reduce(socket.broadcast) { $0.to($1) }
            if isVolatile { audience = audience.volatile }
            audience.emit(EventText.event, EventText.arguments(number, tail: tail))
        case .direct(let number): socket.emit(EventText.event, EventText.arguments(number, tail: 0))
        case .local: socket.emitVolatile(EventText.local)
        case .putOut: socket.disconnect()
        }
    }
}
