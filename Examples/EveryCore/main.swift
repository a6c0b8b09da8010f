import Cluster

// Every worker runs this program up to `run`.
let server = SocketServer(ServerOptions(recovery: RecoveryOptions()), database: .sqlite("messages.db"))
server.main.storesMessages(as: "chat message")
server.on("chat message") { socket, event in
    // A client that sends a message again gives it the same name, so that it is not stored twice.
    let (text, name) = try event.arguments.decode(String.self, String?.self)
    let draft = MessageDraft(clientOffset: name.map { Array($0.utf8) }, content: Array(text.utf8))
    socket.store(draft, acknowledgement: event.acknowledgement)
}
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000
try await server.run(port: port, workers: .automatic)
