import Cluster
import Glibc

// Two servers on two ports. What one emits reaches the clients of both.
let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 3000
let loop = try EventLoop.start(name: "servers")
let switchboard = Switchboard()
for offset in 0..<2 as Range<UInt16> {
    let server = SocketServer()
    server.on("join") { (socket, room: String) in socket.join(room) }
    server.on("message") { (socket, room: String, text: String) in try socket.to(room).emit("message", text) }
    try server.start(on: loop, adapter: Switchboard.Line(to: switchboard))
    let (sockets, _) = try ListeningSocket.bind(host: "localhost", port: port == 0 ? 0 : port + offset)
    try await server.listen(on: sockets)
    print("server running at \(sockets[0].address.url)")
    fflush(nil)
}
while true { try await Task.sleep(for: .seconds(3600)) }
