import Cluster

// Asks the clients of every worker, and the other workers. Every worker runs this program up to `run`.
struct Votes: Encodable, Sendable {
    let votes: [String]
    let isComplete: Bool
}

let server = SocketServer()
server.on("survey") { (socket, question: String, seconds: Int) in
    do {
        // The client chooses the time within bounds, because the server remembers the question until its end.
        let votes: [String] = try await server.call("vote", question, timeout: .seconds(min(max(seconds, 1), 60)))
        return Votes(votes: votes, isComplete: true)
    } catch let incomplete as IncompleteAnswers {
        return Votes(votes: incomplete.answers(as: String.self), isComplete: false)
    }
}
server.onServerSide("client count") { await server.main.sockets.count }
server.on("client counts") { socket in
    let others: [Int] = try await server.callServers("client count")
    return others + [await server.main.sockets.count]
}
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000
try await server.run(port: port, workers: .automatic)
