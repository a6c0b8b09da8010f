import Cluster

func serveAnywhere(_ server: SocketServer) async throws {
    // docs: begin
    let link = try SocketTransport(connectingTo: "192.0.2.1", port: 4000)
    try await server.run(host: "::", port: 3000, over: link)
    // docs: end
}

func serveWorkers(of connections: AsyncStream<CInt>) async throws {
    // docs: begin
    let hub = Hub(loop: try EventLoop.start(name: "hub"), store: nil, recovery: RecoveryOptions())
    await hub.start()
    for await connection in connections {
        hub.connect(over: SocketTransport(connection)) { end in print("a server is gone: \(end)") }
    }
    // docs: end
}

func emitElsewhere() async throws {
    // docs: begin
    let emitter = try Emitter("redis://redis.example.com")
    try await emitter.to("orders").emit("paid", 4711)
    try await emitter.of("/admin").to("orders").socketsJoin("archive")
    await emitter.close()
    // docs: end
}
