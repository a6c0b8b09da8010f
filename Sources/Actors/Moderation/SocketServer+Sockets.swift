import Transport

extension SocketServer {
    /// The sockets of this process in a namespace, in no particular order, also those whose registration is pending.
    package func localSockets(of namespace: String) async -> [Socket] {
        await endpoint?.worker.sockets(of: namespace) ?? []
    }
}

extension Worker {
    fileprivate func sockets(of namespace: String) -> [Socket] {
        sockets.all.filter { $0.namespace.name == namespace }
    }
}

extension Socket {
    /// The rooms that the hub has confirmed, with the one named after the socket. Must be called on the loop.
    package nonisolated var confirmedRooms: Set<String> {
        worker.assumeIsolated { $0.sockets.rooms(of: id, in: namespace.name) } ?? [id.description]
    }

    /// The bytes that went over the client's connection. Must be called on the loop.
    package nonisolated var traffic: EngineSession.Traffic {
        connection.assumeIsolated { $0.session.value.traffic }
    }

    /// The bytes of output that wait for the client. Must be called on the loop.
    package nonisolated var waitingBytes: Int {
        connection.assumeIsolated { $0.pendingBytes }
    }

    /// The transport of the client's connection. Must be called on the loop.
    package nonisolated var currentTransport: EngineTransport {
        connection.assumeIsolated { $0.transport }
    }
}
