import Cluster

struct Line: Codable, Sendable { var from: [Double], to: [Double], color: String }

let server = SocketServer()
server.on("drawing") { (socket, line: Line) in
    try socket.broadcast.emit("drawing", line)
}
server.on("cursor") { (socket, x: Double, y: Double) in
    try socket.broadcast.volatile.emit("cursor", socket.id, x, y)
}
server.onDisconnect { socket, _ in
    try socket.broadcast.emit("cursor gone", socket.id)
}
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000)
