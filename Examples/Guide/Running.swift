import Cluster

func runOnEveryCore(_ server: SocketServer) async throws {
    // docs: begin
    if !SocketServer.isWorker {
        print("starting")
    }
    try await server.run(port: 3000, workers: .automatic)
    // docs: end
}

func storeMessages() async throws {
    // docs: begin
    let server = SocketServer(ServerOptions(recovery: RecoveryOptions()), database: .sqlite("messages.db"))
    server.main.storesMessages(as: "chat message")
    server.on("chat message") { socket, event in
        let (text, name) = try event.arguments.decode(String.self, String?.self)
        let draft = MessageDraft(clientOffset: name.map { Array($0.utf8) }, content: Array(text.utf8))
        socket.store(draft, acknowledgement: event.acknowledgement)
    }
    server.on("older") { (socket, id: Int64) in
        let page = try await socket.messages(before: id, maxCount: 50, maxBytes: 65536)
        return page.messages.map { String(decoding: $0.content, as: UTF8.self) }
    }
    try await server.run(port: 3000, workers: .automatic)
    // docs: end
}

func test(_ server: SocketServer) async throws {
    // docs: begin
    let (addresses, continuation) = AsyncStream.makeStream(of: SocketAddress.self)
    let running = Task {
        try await server.run(port: 0) { continuation.yield($0) }
    }
    for await address in addresses {
        print("connect the test's clients to", address.url)
        break
    }
    running.cancel()
    try await running.value
    // docs: end
}
