import Cluster
@preconcurrency import Glibc

let server = SocketServer()
server.on("message") { (socket, text: String) in
    try socket.emit("message", text)
    return text.count
}
// The other server passes on only paths below `/socket.io/`.
server.get("/socket.io/users") { _ in
    try .json(await server.fetchSockets().count)
}

let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 3000
let front = Front(port: port) { connection, received in
    // If this throws, the server has closed the connection.
    try? server.adopt(connection, received: received)
}
guard let front else {
    fputs("cannot listen on port \(port)\n", stderr)
    exit(1)
}
front.start()
fputs("server running at http://localhost:\(front.port)\n", stderr)
try await server.runWithoutListening()
