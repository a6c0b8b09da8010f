import Actors

/// A request to the application. One event carries several, which the handler performs in order.
enum ClientRequest {
    /// The event whose handler performs all requests synchronously.
    static let syncEvent = "ask"
    /// The event whose handler is asynchronous: it can wait for a timer, the store or the client between requests.
    static let asyncEvent = "ask slowly"

    case join(String)
    case leave(String)
    /// Broadcasts an event to rooms, or to everyone except the sender.
    case broadcast(Int, rooms: [String], isVolatile: Bool, tail: Int)
    /// Emits an event to the sender only.
    case direct(Int)
    /// Emits a volatile event without arguments to the sender only. The client mistakes its name, the last
    /// string, for an offset.
    case local
    /// Disconnects the sender.
    case disconnect
    /// Asks the sender a question. The timeout is in milliseconds.
    case question(Int, timeout: Int)
    /// Sets the session's data.
    case remember(Int)
    /// Waits on a timer, in milliseconds.
    case pause(Int)
    /// Reads the latest stored messages before a message id; 0 reads the latest of all.
    case history(before: Int, count: Int)
    /// Changes all sockets in some rooms, or all, as a numbered operation.
    case change(Int, SocketChange, Operands)
    /// Fetches all sockets in some rooms, or all, as a numbered operation. The timeout is in milliseconds.
    case fetch(Int, Operands, timeout: Int)
    /// Asks several clients a question. The timeout is in milliseconds.
    case inquiry(Int, Operands, Audience, timeout: Int)
    /// Asks the other servers a question. The timeout is in milliseconds.
    case serverInquiry(Int, timeout: Int)
    /// Emits an event without arguments to the sockets of the sender's worker; see ``local``.
    case broadcastLocally

    /// The clients of an audience that are asked.
    enum Audience: Int, CaseIterable {
        case all
        /// Those that are ready to receive a volatile event.
        case ready
        /// Those of the worker that asks.
        case local
    }

    /// The sockets of an operation.
    struct Operands {
        /// The rooms; empty for all sockets.
        let rooms: [String]
        /// True if the server performs the operation, false if the sender does. The sender is then not included, and
        /// the operation is ordered among the sender's calls.
        let isByServer: Bool
    }

    /// The room that the sender joins or leaves.
    var room: String? {
        switch self {
        case .join(let room), .leave(let room): room
        default: nil
        }
    }

    var json: JSONText {
        switch self {
        case .join(let room): Self.json("join", JSONText(string: room))
        case .leave(let room): Self.json("leave", JSONText(string: room))
        case .broadcast(let number, let rooms, let isVolatile, let tail):
            Self.json(
                "broadcast", JSONText(integer: number), JSONText(array: rooms.map { JSONText(string: $0) }),
                JSONText(integer: isVolatile ? 1 : 0), JSONText(integer: tail))
        case .direct(let number): Self.json("direct", JSONText(integer: number))
        case .local: Self.json("local")
        case .disconnect: Self.json("hang up")
        case .question(let number, let timeout):
            Self.json("question", JSONText(integer: number), JSONText(integer: timeout))
        case .remember(let number): Self.json("remember", JSONText(integer: number))
        case .pause(let time): Self.json("pause", JSONText(integer: time))
        case .history(let before, let count):
            Self.json("history", JSONText(integer: before), JSONText(integer: count))
        case .change(let number, let change, let operands):
            Self.json("change", JSONText(integer: number), change.json, operands.json)
        case .fetch(let number, let operands, let timeout):
            Self.json("fetch", JSONText(integer: number), operands.json, JSONText(integer: timeout))
        case .inquiry(let number, let operands, let audience, let timeout):
            Self.json(
                "inquiry", JSONText(integer: number), operands.json, JSONText(integer: audience.rawValue),
                JSONText(integer: timeout))
        case .serverInquiry(let number, let timeout):
            Self.json("server inquiry", JSONText(integer: number), JSONText(integer: timeout))
        case .broadcastLocally: Self.json("broadcast locally")
        }
    }

    private static func json(_ name: String, _ values: JSONText...) -> JSONText {
        JSONText(array: [JSONText(string: name)] + values)
    }

    init?(_ json: JSONText) {
        guard let parts = json.elements, let name = parts.first?.string else { return nil }
        let numbers = parts.dropFirst().map { $0.integer ?? 0 }
        switch (name, numbers.count) {
        case ("join", 1): self = .join(parts[1].string ?? "")
        case ("leave", 1): self = .leave(parts[1].string ?? "")
        case ("broadcast", 4):
            let rooms = parts[2].elements?.compactMap(\.string) ?? []
            self = .broadcast(numbers[0], rooms: rooms, isVolatile: numbers[2] == 1, tail: numbers[3])
        case ("direct", 1): self = .direct(numbers[0])
        case ("local", 0): self = .local
        case ("hang up", 0): self = .disconnect
        case ("question", 2): self = .question(numbers[0], timeout: numbers[1])
        case ("remember", 1): self = .remember(numbers[0])
        case ("pause", 1): self = .pause(numbers[0])
        case ("history", 2): self = .history(before: numbers[0], count: numbers[1])
        case ("change", 3):
            guard let change = SocketChange(parts[2]) else { return nil }
            self = .change(numbers[0], change, Operands(parts[3]))
        case ("fetch", 3): self = .fetch(numbers[0], Operands(parts[2]), timeout: numbers[2])
        case ("inquiry", 4):
            guard let audience = Audience(rawValue: numbers[2]) else { return nil }
            self = .inquiry(numbers[0], Operands(parts[2]), audience, timeout: numbers[3])
        case ("server inquiry", 2): self = .serverInquiry(numbers[0], timeout: numbers[1])
        case ("broadcast locally", 0): self = .broadcastLocally
        default: return nil
        }
    }
}

extension ClientRequest.Operands {
    fileprivate var json: JSONText {
        JSONText(array: [JSONText(bool: isByServer)] + rooms.map { JSONText(string: $0) })
    }

    fileprivate init(_ json: JSONText) {
        let parts = json.elements ?? []
        isByServer = parts.first?.bool == true
        rooms = parts.dropFirst().compactMap(\.string)
    }
}

extension SocketChange {
    fileprivate var json: JSONText {
        switch self {
        case .join(let rooms): JSONText(array: (["join"] + rooms).map { JSONText(string: $0) })
        case .leave(let rooms): JSONText(array: (["leave"] + rooms).map { JSONText(string: $0) })
        case .disconnect(let close): JSONText(bool: close)
        }
    }

    fileprivate init?(_ json: JSONText) {
        if let close = json.bool {
            self = .disconnect(close: close)
            return
        }
        let parts = (json.elements ?? []).compactMap(\.string)
        guard let name = parts.first else { return nil }
        self = name == "join" ? .join(Array(parts.dropFirst())) : .leave(Array(parts.dropFirst()))
    }
}
