import Actors
import Cluster
import Glibc

/// A server whose clients call its operations on the sockets of all hosts.
struct BackplaneHost {
    /// The recipients of an operation.
    struct Target: Codable {
        var to: [String]?
        var except: [String]?
        /// Operate as the socket that asks, which is then no recipient.
        var fromSocket: Bool?
    }

    /// A socket of any host.
    struct Found: Codable {
        let id: String
        let rooms: [String]
        let data: JSONText?
    }

    /// The answers to a question, each a list, and why some are missing.
    struct Answers: Codable {
        let values: [JSONText]
        let failure: String?
    }

    /// A call of an emitter.
    struct EmitterCall: Codable {
        let url: String
        let operation: String
        var to: [String]?
        var rooms: [String]?
        var close: Bool?
    }

    let server: SocketServer

    /// - Parameter database: the URL of a PostgreSQL database for messages; nil for none.
    init(database: String?) {
        server = SocketServer(ServerOptions(recovery: RecoveryOptions()), database: database.map { .postgres($0) })
        if database != nil { storeMessages() }
        for name in ["/", "/custom"] { install(in: server.of(name)) }
        _ = server.of(matching: /\/room-\d+/)
        server.onNewNamespace { [self] namespace in install(in: namespace) }
    }

    private func storeMessages() {
        server.main.storesMessages(as: "chat message")
        server.on("chat message") { socket, event in
            let (text, name) = try event.arguments.decode(String.self, String.self)
            let draft = MessageDraft(clientOffset: Array(name.utf8), content: Array(text.utf8))
            socket.store(draft, acknowledgement: event.acknowledgement)
        }
    }

    private func install(in namespace: Namespace) {
        @Sendable func audience(_ socket: Socket, _ target: Target) -> Audience {
            var audience = target.fromSocket == true ? socket.broadcast : namespace.everyone
            if let rooms = target.to { audience = audience.to(rooms) }
            if let rooms = target.except { audience = audience.except(rooms) }
            return audience
        }
        namespace.on("join") { (socket, room: String) in
            socket.join(room)
            return room
        }
        namespace.on("leave") { (socket, room: String) in
            socket.leave(room)
            return room
        }
        namespace.on("emit") { (socket, target: Target, event: String, value: JSONText) in
            audience(socket, target).emit(event, [.json(value)])
        }
        namespace.on("emit and leave") { (socket, room: String, value: String) in
            try namespace.to(room).emit("parting", value)
            socket.leave(room)
        }
        namespace.on("sockets join") { (socket, target: Target, room: String) in
            audience(socket, target).socketsJoin(room)
        }
        namespace.on("sockets leave") { (socket, target: Target, room: String) in
            audience(socket, target).socketsLeave(room)
        }
        namespace.on("disconnect sockets") { (socket, target: Target, close: Bool) in
            audience(socket, target).disconnectSockets(close: close)
        }
        namespace.on("set data") { (socket, value: JSONText) in
            socket.setData(value)
            return true
        }
        namespace.on("fetch") { (socket, target: Target) async throws in
            try await audience(socket, target).fetchSockets().map { socket in
                Found(id: socket.id.description, rooms: socket.rooms.sorted(), data: socket.data)
            }
        }
        namespace.on("ask clients") { (socket, target: Target, value: JSONText) async throws in
            do {
                let answers = try await audience(socket, target)
                    .emitWithAcknowledgements("question", [.json(value)], timeout: .seconds(2))
                return Answers(values: answers.map { Self.list($0) }, failure: nil)
            } catch let error as IncompleteAnswers {
                return Answers(values: error.answers.map { Self.list($0) }, failure: "\(error.reason)")
            }
        }
        namespace.on("ask servers") { (_, text: String) async throws in
            let question = try Arguments(encoding: text)
            do {
                let answers = try await namespace.serverSideEmitWithAcknowledgements("question", question)
                return answers.map { Self.list($0) }
            } catch let error as IncompleteAnswers {
                return try error.answers.map { Self.list($0) } + [Self.list(Arguments(encoding: "\(error.reason)"))]
            }
        }
        namespace.onServerSide("question") { (text: String) in "answer to \(text)" }
        namespace.onServerSide("told") { (text: String) in
            try namespace.local.emit("told", text)
        }
        namespace.on("tell servers") { (_, text: String) in
            try namespace.serverSideEmit("told", text)
        }
        namespace.on("call emitter") { (_, call: EmitterCall) async throws in
            try await Self.carryOut(call)
            return true
        }
    }

    private static func carryOut(_ call: EmitterCall) async throws {
        let emitter = try Emitter(call.url)
        let audience = call.to.map { emitter.to($0) } ?? emitter
        switch call.operation {
        case "emit": try await audience.emit("emitted", [UInt8](0..<4))
        case "join": try await audience.socketsJoin(call.rooms ?? [])
        case "leave": try await audience.socketsLeave(call.rooms ?? [])
        case "disconnect": try await audience.disconnectSockets(close: call.close ?? false)
        case "tell servers": try await audience.serverSideEmit("told", "by the emitter")
        default: preconditionFailure("there is no such operation")
        }
        await emitter.close()
    }

    private static func list(_ arguments: Arguments) -> JSONText {
        (try? JSONText(validating: [UInt8(ascii: "[")] + arguments.slice + [UInt8(ascii: "]")])) ?? []
    }

    /// Serves until the process is ended.
    static func run(
        port: UInt16, workers: Int?, database: String?, backplane: BackplaneService?
    ) async throws {
        let host = BackplaneHost(database: database)
        try await host.server.run(
            port: Int(port), workers: workers.map { WorkerCount($0) }, ports: .shared, backplane: backplane
        ) { address in
            write("server running at \(address.url)", to: STDOUT_FILENO)
        }
    }
}
