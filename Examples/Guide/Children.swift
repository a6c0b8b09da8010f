import Cluster

func createNamespaces(of server: SocketServer) {
    // docs: begin
    let orders = server.of(matching: /\/orders-\d+/)
    orders.use { socket in
        guard socket.handshake.auth?["token"]?.string == "secret" else { throw ConnectError("not allowed") }
    }
    orders.on("paid") { (socket, amount: Double) in
        try socket.namespace.emit("paid", amount)
    }
    // docs: end
    // docs: begin
    let projects = server.of { name, _ in
        name.hasPrefix("/project-")
    }
    projects.on("open") { socket in
        try projects.emit("opened", socket.namespace.name)
    }
    server.onNewNamespace { namespace in
        print("created", namespace.name)
    }
    // docs: end
}

func followRooms(of server: SocketServer) {
    // docs: begin
    server.main.onRoomChange { change in
        switch change {
        case .created(let room): print("room", room)
        case .joined(let room, let id): print(id, "in", room)
        case .left, .deleted: break
        }
    }
    // docs: end
}
