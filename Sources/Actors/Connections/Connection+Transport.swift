import Transport

/// The transport of a connection, as sockets see it.
extension Connection {
    var transport: EngineTransport { session.value.transport }

    /// Adds a handler that runs once the client has changed to a WebSocket.
    func onUpgrade(of socket: Socket, _ handler: @escaping Socket.UpgradeHandler) {
        guard !hasEnded, transport == .polling else { return }
        upgradeHandlers[socket.id, default: []].append(handler)
    }

    nonisolated func sessionUpgraded() {
        assumeIsolated { $0.upgraded() }
    }

    private func upgraded() {
        let handlers = upgradeHandlers
        upgradeHandlers = [:]
        guard !handlers.isEmpty else { return }
        for socket in sockets {
            socket.assumeIsolated { socket in
                for handler in handlers[socket.id] ?? [] { handler(socket) }
            }
        }
    }
}

extension Socket {
    /// A handler of the change from polling to a WebSocket.
    public typealias UpgradeHandler = @Sendable (isolated Socket) -> Void

    /// The transport of the client's connection, or its last one after the connection has ended (`conn.transport`).
    public var transport: EngineTransport {
        connection.assumeIsolated { $0.transport }
    }

    /// Adds a handler of the change from polling to a WebSocket (`conn.on("upgrade")`). It runs at most once, before
    /// the next event, and not for a socket that has ended or a client that began with a WebSocket.
    public func onUpgrade(_ handler: @escaping UpgradeHandler) {
        connection.assumeIsolated { $0.onUpgrade(of: self, handler) }
    }
}
