import Cluster

struct Credentials: Decodable { var name: String }
struct User: Codable { var name: String }
struct Post: Codable, Sendable { var room: String, text: String }
struct Delivered: Codable, Sendable { var from: String, text: String }
struct NoSuchRoom: ClientError { var clientMessage: String { "no such room" } }
struct NotInRoom: ClientError { var clientMessage: String { "join the room first" } }

let server = SocketServer(ServerOptions(recovery: RecoveryOptions()))
let chat = server.of("/chat")
chat.authenticate { handshake in User(name: try handshake.auth(as: Credentials.self).name) }
chat.on("join") { (socket, room: String) in
    // A socket's id is a room too, so do not let clients join just any room.
    guard ["red", "green", "blue"].contains(room) else { throw NoSuchRoom() }
    socket.join(room)
    try socket.to(room).emit("joined", try socket.data(as: User.self))
    return socket.rooms.filter { $0 != socket.id.description }.sorted()
}
chat.on("post") { (socket, post: Post, note: String?) in
    guard socket.rooms.contains(post.room) else { throw NotInRoom() }
    let user = try socket.data(as: User.self)
    try chat.to(post.room).emit("post", Delivered(from: user.name, text: post.text), note)
}
chat.on("who") { (socket, room: String) async throws in
    try await chat.to(room).fetchSockets().map { try $0.data(as: User.self).name }.sorted()
}
chat.on("poll me") { socket in
    let answer: String = try await socket.call("are you there", "?", timeout: .seconds(2))
    return "you said \(answer)"
}
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000
try await withStopSignals { try await server.run(port: port, workers: .automatic) }
