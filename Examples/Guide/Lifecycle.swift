import Cluster

func followConnections(of server: SocketServer) {
    // docs: begin
    server.onConnection { socket in
        print("connected", socket.id, socket.handshake.address, socket.transport)
        try socket.emit("welcome", socket.isRecovered)
    }
    server.onDisconnecting { socket, reason in
        for room in socket.rooms where room != socket.id.description {
            try socket.to(room).emit("left", socket.id.description)
        }
    }
    server.onDisconnect { socket, reason in
        print("disconnected", socket.id, reason.rawValue)
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
