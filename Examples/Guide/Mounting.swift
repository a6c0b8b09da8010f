import BrowserClient
import Cluster
import StaticFiles

struct Order: Codable, Sendable {
    var item: String
}

func addRoutes(to server: SocketServer) throws {
    // docs: begin
    server.get("/health") { _ in
        .text(.ok, "up")
    }
    server.get("/users") { _ in
        try .json(await server.main.fetchSockets().count)
    }
    server.post("/orders") { request in
        let order = try request.decode(Order.self)
        try server.emit("order", order)
        return try .json(order)
    }
    // docs: end
    // docs: begin
    server.serveClient()
    try server.serveFiles(from: "site")
    // docs: end
}

func adopt(_ connection: CInt, received: [UInt8], by server: SocketServer) async throws {
    // docs: begin
    try server.adopt(connection, received: received)
    // docs: end
}
