import Actors
import ChatApplication

/// What the simulated servers serve: the chat, and events that ask for everything else that a handler can do.
enum SimulatedApplication {
    static func install(on server: Server) {
        Chat.install(on: server)
        server.of("/").on(ClientRequest.event) { socket, event in
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
