import Cluster

let server = SocketServer()
server.of("/").on("message") { socket, event in
    socket.emit("message", event.arguments)
    event.acknowledgement?(event.arguments)
}
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 3000)
