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

func askEveryone(_ server: SocketServer) {
    // docs: begin
    server.on("survey") { (socket, question: String) in
        do {
            let votes: [String] = try await server.to("members").call("vote", question, timeout: .seconds(10))
            return votes
        } catch let incomplete as IncompleteAnswers {
            return incomplete.answers(as: String.self)
        }
    }
    // docs: end
}

func askOtherWorkers(_ server: SocketServer) {
    // docs: begin
    server.onServerSide("reload") { (name: String) in
        print("reloading", name)
    }
    server.onServerSide("client count") { await server.main.sockets.count }
    server.on("reload") { (socket, name: String) in
        try server.serverSideEmit("reload", name)
        let counts: [Int] = try await server.callServers("client count")
        return counts.reduce(await server.main.sockets.count, +)
    }
    // docs: end
}
