import Cluster

let server = SocketServer()
server.of("/").on("message") { socket, event in
    socket.emit("message", event.arguments)
    event.acknowledgement?(event.arguments)
}
try await server.run(port: 3000) { print("server running at \($0.url)") }
