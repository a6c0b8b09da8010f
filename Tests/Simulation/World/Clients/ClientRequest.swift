import Actors

/// What one event asks the application for.
enum ClientRequest {
    /// The name of the event; each argument is one request, in the order in which they are carried out.
    static let event = "ask"

    case join(String)
    case leave(String)
    /// An event for rooms, or for everyone but the sender.
    case broadcast(Int, rooms: [String], isVolatile: Bool, tail: Int)
    /// An event for the sender alone.
    case direct(Int)
    /// A volatile event for the sender alone whose name is its last string.
    case local
    case putOut

    /// The room that the sender wants to be in or not.
    var room: String? {
        switch self {
        case .join(let room), .leave(let room): room
        case .broadcast, .direct, .local, .putOut: nil
        }
    }

    var json: JSONText {
        switch self {
        case .join(let room): JSONText(array: [JSONText(string: "join"), JSONText(string: room)])
        case .leave(let room): JSONText(array: [JSONText(string: "leave"), JSONText(string: room)])
        case .broadcast(let number, let rooms, let isVolatile, let tail):
            JSONText(array: [
                JSONText(string: "broadcast"), JSONText(integer: number),
                JSONText(array: rooms.map { JSONText(string: $0) }), JSONText(integer: isVolatile ? 1 : 0),
                JSONText(integer: tail),
            ])
        case .direct(let number): JSONText(array: [JSONText(string: "direct"), JSONText(integer: number)])
        case .local: JSONText(array: [JSONText(string: "local")])
        case .putOut: JSONText(array: [JSONText(string: "put out")])
        }
    }

    init?(_ json: JSONText) {
        guard let parts = json.elements, let name = parts.first?.string else { return nil }
        switch (name, parts.count) {
        case ("join", 2): self = .join(parts[1].string ?? "")
        case ("leave", 2): self = .leave(parts[1].string ?? "")
        case ("broadcast", 5):
            let rooms = parts[2].elements?.compactMap(\.string) ?? []
            self = .broadcast(
                parts[1].integer ?? 0, rooms: rooms, isVolatile: parts[3].integer == 1, tail: parts[4].integer ?? 0)
        case ("direct", 2): self = .direct(parts[1].integer ?? 0)
        case ("local", 1): self = .local
        case ("put out", 1): self = .putOut
        default: return nil
        }
    }
}
