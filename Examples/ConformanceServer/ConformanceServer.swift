import Actors
import Cluster
import Glibc
import Transport

/// Starts the server and prints its address.
func serve(on loop: EventLoop, port: UInt16, behind proxies: String?) async throws {
    let engine =
        proxies == nil
        ? EngineOptions(pingInterval: .milliseconds(300), pingTimeout: .milliseconds(200)) : EngineOptions()
    let hub = Hub(loop: loop, store: nil)
    let trusted = try TrustedProxies(proxies ?? "")
    let server = SocketServer(
        ServerOptions(
            engine: engine, hosts: proxies == nil ? .automatic : .any, trustedProxies: trusted,
            connectTimeout: .seconds(1)))

    for name in ["/", "/custom"] {
        server.of(name).onConnection { socket in
            let auth = socket.handshake.auth ?? JSONText(object: [])
            socket.emit("auth", [.json(auth)])
        }
    }
    let dynamic = server.of(matching: /\/dynamic-\d+/)
    dynamic.on("name") { socket in socket.namespace.name }
    dynamic.on("tell all") { (_, text: String) in try dynamic.emit("told", text) }
    server.of("/").on("message") { socket, event in
        socket.emit("message-back", event.arguments)
    }
    server.of("/").on("message-with-ack") { _, event in
        event.acknowledgement?(event.arguments)
    }
    server.of("/").on("client") { socket in
        let handshake = socket.handshake
        return [handshake.address, handshake.isSecure ? "https" : "http", handshake.request.authority ?? ""]
    }
    // Sends 3 MB from one handler.
    server.of("/").on("burst") { socket, _ in
        let text = JSONText(string: String(repeating: "x", count: 150_000))
        for number in 0..<20 { socket.emit("piece", [.json(JSONText(integer: number)), .json(text)]) }
    }

    var bare = engine
    bare.path = "/engine.io/"
    server.serveEngine(bare) { session in EngineEcho(session) }
    server.route("/echo") { EchoRoute() }

    try server.start(on: loop, adapter: DirectLink(to: hub, store: nil))
    let (sockets, _) = try ListeningSocket.bind(host: "localhost", port: port)
    try await server.listen(on: sockets)
    write("server running at http://localhost:\(sockets[0].address.port)", to: STDOUT_FILENO)
}

/// Writes a line immediately, without a buffer.
func write(_ line: String, to descriptor: CInt) {
    let bytes = Array("\(line)\n".utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
}
