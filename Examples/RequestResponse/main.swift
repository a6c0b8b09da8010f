import Cluster

struct Item: Codable, Sendable { var title: String, isDone: Bool }
struct NoSuchItem: ClientError { var clientMessage: String { "no such item" } }

actor Items {
    private var items: [Int: Item] = [:]
    private var lastID = 0

    func create(_ item: Item) -> Int {
        lastID += 1
        items[lastID] = item
        return lastID
    }

    func replace(_ id: Int, with item: Item?) throws {
        guard items[id] != nil else { throw NoSuchItem() }
        items[id] = item
    }

    var all: [Item] { items.sorted { $0.key < $1.key }.map(\.value) }
}

let server = SocketServer()
let items = Items()
server.on("item:create") { (socket, item: Item) in
    let id = await items.create(item)
    try socket.broadcast.emit("item:created", id, item)
    return id
}
server.on("item:update") { (socket, id: Int, item: Item) in
    try await items.replace(id, with: item)
    try socket.broadcast.emit("item:updated", id, item)
}
server.on("item:delete") { (socket, id: Int) in
    try await items.replace(id, with: nil)
    try socket.broadcast.emit("item:deleted", id)
}
server.on("item:list") { _ in await items.all }
try await server.run(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000)
