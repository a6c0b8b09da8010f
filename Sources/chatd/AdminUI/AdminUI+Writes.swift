import Actors
import Transport

/// What dashboards do to clients.
extension AdminUI {
    nonisolated func installWrites() {
        let namespace = server.of(Self.namespace)
        for name in AdminUIWrite.events {
            namespace.on(name) { socket, event in
                let who = Self.who(socket)
                guard self.options.allowsWrites else {
                    return Self.log(
                        "ignored \(name) of \(who): --admin-ui-writes is off", .warning, kind: "admin-ui ignored")
                }
                guard let write = AdminUIWrite(name, Array(event.arguments)), Self.names.contains(write.namespace)
                else {
                    return Self.log(
                        "ignored \(name) of \(who): its arguments are not those of the protocol", .warning,
                        kind: "admin-ui ignored")
                }
                // A flood of other acts must not hide who was disconnected.
                Self.log("\(who): \(write.text)", kind: "admin-ui act", write.disconnects ? .act : .occurrence)
                self.carryOut(write)
            }
        }
    }

    /// The namespaces of the server. Another name would make a new one.
    private static let names = ["/", namespace]

    private nonisolated func carryOut(_ write: AdminUIWrite) {
        let everyone = server.of(write.namespace).everyone
        func members(_ room: String?) -> Audience { room.map { everyone.to($0) } ?? everyone }
        switch write {
        case .emit(_, let room, let event, let arguments): members(room).emit(event, Arguments(arguments))
        case .join(_, let room, let of): members(of).socketsJoin(room)
        case .leave(_, let room, let of): members(of).socketsLeave(room)
        case .disconnect(_, let close, let of): members(of).disconnectSockets(close: close)
        }
    }
}
