import Cluster

// Every worker runs this program up to `run`.
if !SocketServer.isWorker { print("storing messages in messages.db") }
let server = SocketServer(ServerOptions(recovery: RecoveryOptions()), database: .sqlite("messages.db"))
let chat = server.of("/")
chat.storesMessages(as: "chat message")
chat.on("chat message") { socket, event in
    guard case .json(let text)? = event.arguments.first, let content = text.utf8String() else { return }
    socket.store(MessageDraft(clientOffset: nil, content: content, author: nil), acknowledgement: event.acknowledgement)
}
try await server.run(port: 3000, workers: .automatic) { print("server running at \($0.url)") }
