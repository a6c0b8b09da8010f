import Cluster

func followConnections(of server: SocketServer) {
    // docs: begin
    server.onConnection { socket in
        print("connected", socket.id, socket.handshake.address, socket.transport)
        try socket.emit("welcome", socket.isRecovered)
    }
    server.onDisconnecting { socket, reason in
        for room in socket.rooms where room != socket.id.description {
            try socket.to(room).emit("left", socket.id)
        }
    }
    server.onDisconnect { socket, reason in
        print("disconnected", socket.id, reason.rawValue)
    }
    // docs: end
}

struct Visit {
    var start: ContinuousClock.Instant
}

func attachValues(to server: SocketServer) {
    // docs: begin
    server.onConnection { socket in
        socket[Visit.self] = Visit(start: .now)
    }
    server.on("minutes") { socket in
        let start = socket[Visit.self]?.start ?? .now
        return (ContinuousClock.now - start).components.seconds / 60
    }
    // docs: end
}

func makeServerWithRecovery() -> SocketServer {
    // docs: begin
    let recovery = RecoveryOptions(maxDisconnectionDuration: .seconds(120))
    let server = SocketServer(ServerOptions(recovery: recovery))
    server.onConnection { socket in
        if !socket.isRecovered { socket.join("news") }
    }
    // docs: end
    return server
}

func stopOnSignals(_ server: SocketServer) async throws {
    // docs: begin
    try await withStopSignals {
        try await server.run(port: 3000)
    }
    // docs: end
}
