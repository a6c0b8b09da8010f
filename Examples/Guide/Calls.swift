import Cluster

func callClients(of server: SocketServer) {
    // docs: begin
    server.on("delete") { (socket, file: String) in
        let isSure: Bool = try await socket.call("are you sure?", file, timeout: .seconds(30))
        return isSure ? "deleted \(file)" : "kept \(file)"
    }
    // docs: end
    // docs: begin
    server.on("measure") { socket in
        do {
            let size = try await socket.emitWithAcknowledgement("size?", timeout: .seconds(5))
            let (width, height) = try size.decode(Int.self, Int.self)
            return width * height
        } catch AcknowledgementError.timedOut {
            return 0
        }
    }
    // docs: end
}
