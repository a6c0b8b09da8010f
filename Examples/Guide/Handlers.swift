import Cluster

func hash(_ password: String) -> String {
    String(password.reversed())
}

func render(_ page: Int) async throws -> String {
    try await Task.sleep(for: .milliseconds(page))
    return "page \(page)"
}

func runHandlers(of server: SocketServer) {
    // docs: begin
    server.on("page", concurrently: true) { (_, number: Int) in
        try await render(number)
    }
    // docs: end
    // docs: begin
    server.on("register") { (socket, password: String) in
        let hashed = await withTaskExecutorPreference(globalConcurrentExecutor) { hash(password) }
        return hashed.count
    }
    // docs: end
}

// docs: begin
actor Scores {
    private var points: [String: Int] = [:]

    func add(_ count: Int, to team: String) -> Int {
        points[team, default: 0] += count
        return points[team, default: 0]
    }
}
// docs: end

func countPoints(of server: SocketServer) {
    // docs: begin
    let scores = Scores()
    server.on("score") { (socket, team: String, count: Int) in
        let total = await scores.add(count, to: team)
        try server.emit("total", team, total)
    }
    // docs: end
}

// docs: begin
func remind(_ socket: Socket, in delay: Duration) async throws {
    try await Task.sleep(for: delay)
    await socket.emit("reminder")
}
// docs: end

func startTasks(for server: SocketServer) {
    // docs: begin
    server.on("remind me") { (socket, seconds: Int) in
        Task { try await remind(socket, in: .seconds(seconds)) }
        return "in \(seconds) seconds"
    }
    // docs: end
}

func tick(_ server: SocketServer) async throws {
    // docs: begin
    try await withThrowingTaskGroup { group in
        group.addTask { try await server.run(port: 3000) }
        group.addTask {
            while true {
                try await Task.sleep(for: .seconds(1))
                server.emit("tick")
            }
        }
        try await group.next()
        group.cancelAll()
    }
    // docs: end
}
