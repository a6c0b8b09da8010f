import Cluster

let server = SocketServer()
server.on("message") { (socket, text: String) in
    try socket.emit("message", text)
    return text.count
}
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000)
