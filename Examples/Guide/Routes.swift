import Cluster

// docs: begin
final class Health: HTTPRequestHandler {
    func handle(_ exchange: HTTPExchange) {
        exchange.respond(.text(.ok, "up"))
    }
}
// docs: end

func addRoutes(to server: SocketServer) {
    // docs: begin
    server.route("/health") { Health() }
    // docs: end
}
