import Cluster

func handleRooms(of server: SocketServer) {
    // docs: begin
    server.on("enter") { (socket, room: String) in
        guard ["lobby", "garden"].contains(room) else { throw Refused(clientMessage: "no such room") }
        socket.join(room)
        try socket.to(room).emit("entered", socket.id)
        return socket.rooms.count
    }
    server.on("exit") { (socket, room: String) in
        socket.leave(room)
    }
    // docs: end
}

func send(to server: SocketServer, from socket: isolated Socket) throws {
    // docs: begin
    try socket.emit("news", 1)  // this client
    try socket.broadcast.emit("news", 2)  // all others
    try socket.to("lobby").emit("news", 3)  // the members of a room, except this client
    try server.emit("news", 4)  // all clients
    try server.to("lobby", "garden").emit("news", 5)  // the members of either room, each once
    try server.to("lobby").except("garden").emit("news", 6)
    try server.volatile.emit("cursor", 7, 8)  // clients that still have unsent data miss it
    try server.local.emit("news", 9)  // the clients of this worker process
    // docs: end
}

func changeMembers(of server: SocketServer) async throws {
    // docs: begin
    let chat = server.of("/chat")
    chat.to("lobby").socketsJoin("garden")
    chat.socketsLeave("lobby")
    for socket in try await chat.to("garden").fetchSockets() {
        let user = try socket.data(as: User.self)
        if user.name == "spammer" { socket.disconnect(close: true) } else { try socket.emit("welcome", user.name) }
    }
    // docs: end
}
