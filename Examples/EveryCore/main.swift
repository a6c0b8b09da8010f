import Cluster

// Every worker runs this program up to `run`.
let server = SocketServer(ServerOptions(recovery: RecoveryOptions()), database: .sqlite("messages.db"))
let chat = server.of("/")
chat.storesMessages(as: "chat message")
chat.on("chat message") { socket, event in
    guard case .json(let text)? = event.arguments.first, let content = text.utf8String() else { return }
    socket.store(MessageDraft(clientOffset: nil, content: content), acknowledgement: event.acknowledgement)
}
let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 3000
try await server.run(port: port, workers: .automatic)
