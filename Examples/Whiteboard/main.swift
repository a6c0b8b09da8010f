import Cluster

struct Line: Codable, Sendable { var from: [Double], to: [Double], color: String }

let server = SocketServer()
server.on("drawing") { (socket, line: Line) in
    try socket.broadcast.emit("drawing", line)
}
server.on("cursor") { (socket, x: Double, y: Double) in
    try socket.broadcast.volatile.emit("cursor", socket.id.description, x, y)
}
server.onDisconnect { socket, _ in
    try socket.broadcast.emit("cursor gone", socket.id.description)
}
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 3000)
