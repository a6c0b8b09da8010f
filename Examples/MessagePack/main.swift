import Cluster

let server = SocketServer(ServerOptions(parser: .messagePack))
server.on("sum") { (socket, numbers: [Int64]) in
    numbers.reduce(0, &+)
}
server.on("reverse") { (socket, bytes: [UInt8]) in
    try socket.broadcast.emit("reversed", [UInt8](bytes.reversed()))
    return [UInt8](bytes.reversed())
}
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000)
