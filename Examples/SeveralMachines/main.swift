import Cluster
import Glibc

// One hub and any number of servers, each in a process of its own, on one machine or on several:
//
//     SeveralMachines hub 4000 192.0.2.1
//     SeveralMachines server 3000 192.0.2.1 4000
//
// The hub listens on 127.0.0.1 unless it gets another address. The link is neither encrypted nor authenticated. Between
// machines, use it in a private network or through a tunnel.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "hub" where arguments.count == 2 || arguments.count == 3:
    try await serveHub(host: arguments.count == 3 ? arguments[2] : "127.0.0.1", port: UInt16(arguments[1]) ?? 4000)
case "server" where arguments.count == 4:
    let server = SocketServer()
    server.on("join") { (socket, room: String) in socket.join(room) }
    server.on("message") { (socket, room: String, text: String) in try socket.to(room).emit("message", text) }
    let hub = try SocketTransport(connectingTo: arguments[2], port: UInt16(arguments[3]) ?? 4000)
    try await server.run(port: Int(arguments[1]) ?? 3000, over: hub)
default:
    print("usage: SeveralMachines hub PORT [ADDRESS] | server PORT HUB-HOST HUB-PORT")
    exit(64)
}

/// Orders the events of all servers that connect.
func serveHub(host: String, port: UInt16) async throws {
    let loop = try EventLoop.start(name: "hub")
    let hub = Hub(loop: loop, store: nil, recovery: RecoveryOptions())
    await hub.start()
    let socket = try ListeningSocket.bind(host: host, port: port).sockets[0]
    say("hub running at \(socket.address)")
    var listener = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
    while true {
        // A signal only interrupts the wait.
        guard poll(&listener, 1, -1) >= 0 || errno == EINTR else { throw SystemError("poll") }
        let descriptor = accept(socket.descriptor, nil, nil)
        if descriptor >= 0 {
            hub.connect(over: SocketTransport(descriptor)) { end in say("a server is gone: \(end)") }
        } else {
            // Nothing waits, or this process has no descriptor left. In that case do not retry at once.
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

@Sendable func say(_ line: String) {
    print(line)
    fflush(nil)
}
