import Cluster

func handleEvents(of server: SocketServer) {
    // docs: begin
    server.on("add") { (_, left: Int, right: Int) in
        left + right
    }
    // docs: end
    // docs: begin
    server.on("rename") { (socket, name: String, color: String?) in
        try socket.broadcast.emit("renamed", name, color)
    }
    // docs: end
    // docs: begin
    server.on("save") { (_, text: String) in
        guard text.utf8.count <= 1000 else { throw Refused(clientMessage: "the text is too long") }
        return "saved"
    }
    // docs: end
    // docs: begin
    server.on("count") { socket, event in
        let texts = event.arguments.compactMap { argument in
            if case .json(let value) = argument { value.string } else { nil }
        }
        event.acknowledgement?([.json(["texts": JSONText(integer: texts.count)])])
    }
    // docs: end
    // docs: begin
    server.once("ready") { socket, _ in
        try socket.emit("first", true)
    }
    server.onAny { _, event in
        print("received", event.name, event.arguments.count)
    }
    let token = server.on("debug") { socket in
        try socket.emit("rooms", socket.rooms.sorted())
    }
    server.off(token)
    server.off("message")
    // docs: end
}

// docs: begin
struct Refused: ClientError {
    var clientMessage: String
}
// docs: end

func handleEventsOfOneSocket(of server: SocketServer) {
    // docs: begin
    server.onConnection { socket in
        let start = ContinuousClock.now
        socket.on("age") { _ in
            (ContinuousClock.now - start).components.seconds
        }
        socket.use { _, event in
            guard event.arguments.count <= 3 else { throw Refused(clientMessage: "too many arguments") }
        }
        socket.onError { socket, error in
            try socket.emit("refused", "\(error)")
        }
    }
    // docs: end
}
