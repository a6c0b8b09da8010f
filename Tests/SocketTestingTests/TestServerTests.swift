import Cluster
import Glibc
import SocketTesting
import Synchronization
import Testing

@Suite("The server of a test")
struct TestServerTests {
    @Test("advancing the clock runs heartbeats and timeouts")
    func clock() async throws {
        let reasons = Mutex<[DisconnectReason]>([])
        let server = SocketServer()
        server.onDisconnect { _, reason in reasons.withLock { $0.append(reason) } }
        try await withTestServer(server) { test in
            let awake = try await test.connect()
            let asleep = try await test.connect()
            asleep.client.stopReceiving()
            try await test.advance(by: .seconds(60))
            #expect(awake.isConnected)
            #expect(reasons.withLock { $0 } == [.pingTimeout])
        }
    }

    @Test("a session expires when the time for recovery has passed")
    func expiry() async throws {
        let recovery = RecoveryOptions(maxDisconnectionDuration: .seconds(10))
        try await withTestServer(SocketServer(ServerOptions(recovery: recovery))) { test in
            let early = try await test.connect()
            let late = try await test.connect()
            late.client.loseConnection()
            try await test.advance(by: .seconds(9))
            early.client.loseConnection()
            try await test.advance(by: .seconds(2))
            try await early.reconnect()
            try await late.reconnect()
            #expect(early.isRecovered)
            #expect(!late.isRecovered)
        }
    }

    @Test("HTTP requests are answered")
    func requests() async throws {
        try await withTestServer(SocketServer()) { test in
            #expect(try await test.request("/missing").status == 404)
            let opened = try await test.request("/socket.io/?EIO=4&transport=polling")
            #expect(opened.status == 200)
            #expect(opened.text.hasPrefix("0{"))
            #expect(opened.header("content-type") == "text/plain; charset=UTF-8")
        }
    }

    @Test("the response to HEAD has no body, whatever its length says")
    func head() async throws {
        let server = SocketServer()
        server.get("/text") { _ in .text(.ok, "hello") }
        try await withTestServer(server) { test in
            let response = try await test.request("/text", method: "HEAD")
            #expect(response.status == 200)
            #expect(response.header("content-length") == "5")
            #expect(response.body.isEmpty)
        }
    }

    @Test("a refused connection gives the server's response")
    func refused() async throws {
        var options = ServerOptions()
        options.engine.transports = .polling
        try await withTestServer(SocketServer(options)) { test in
            let error = await #expect(throws: TestError.self) { try await test.connect() }
            guard case .refused(let response) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(response.status == 400)
        }
    }

    @Test("a server can be used once")
    func usedOnce() async throws {
        let server = SocketServer()
        try await withTestServer(server) { _ in }
        await #expect(throws: AlreadyStarted.self) { try await withTestServer(server) { _ in } }
    }

    @Test("a server that cannot start leaves its database closed")
    func closedDatabase() async throws {
        let closed = Mutex(0)
        let database = MessageDatabase(
            openStore: { epoch throws -> any MessageStore in
                NotingStore(try SQLiteStore(path: SQLiteStore.memoryPath, epoch: epoch)) {
                    closed.withLock { $0 += 1 }
                }
            }, openHistory: nil)
        let server = SocketServer(database: database)
        try await withTestServer(server) { _ in }
        #expect(closed.withLock { $0 } == 1)
        await #expect(throws: AlreadyStarted.self) { try await withTestServer(server) { _ in } }
        #expect(closed.withLock { $0 } == 2)
    }

    @Test("if the second worker cannot start, the first is closed")
    func closedWorker() async throws {
        let server = SocketServer()
        await #expect(throws: AlreadyStarted.self) { try await withTestServer(workers: 2, { server }, test: { _ in }) }
        #expect(await server.status.connections == 0)
    }

    @Test("a server with another parser is refused, because clients do not understand it")
    func parser() async throws {
        let options = ServerOptions(parser: .messagePack)
        let error = await #expect(throws: TestError.self) {
            try await withTestServer(SocketServer(options)) { _ in }
        }
        guard case .unsupportedParser("MessagePackParser") = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("the error of the test is thrown after everything is closed")
    func failure() async throws {
        struct Failure: Error {}
        let server = SocketServer()
        await #expect(throws: Failure.self) {
            try await withTestServer(server) { test in
                try await test.connect()
                throw Failure()
            }
        }
        #expect(await server.status.connections == 0)
    }

    @Test("stored messages reach the clients of every worker")
    func messages() async throws {
        func makeServer() -> SocketServer {
            let server = SocketServer(database: .sqlite(SQLiteStore.memoryPath))
            server.main.storesMessages(as: "message")
            server.on("say") { socket, event in
                guard case .json(let text)? = event.arguments.first else { return }
                let draft = MessageDraft(clientOffset: nil, content: Array(text.string?.utf8 ?? "".utf8))
                socket.store(draft, acknowledgement: event.acknowledgement)
            }
            return server
        }
        try await withTestServer(workers: 2, makeServer) { test in
            let alice = try await test.connect()
            let bob = try await test.connect(worker: 1)
            try await alice.emitWithAcknowledgement("say", [.json("hello")])
            #expect(try await bob.expect("message") == "hello")
        }
    }

    @Test("an event larger than the buffers between server, workers and clients arrives")
    func large() async throws {
        let data = [UInt8](repeating: 5, count: 3 << 20)
        var servers: [SocketServer] = []
        func makeServer() -> SocketServer {
            servers.append(SocketServer())
            return servers[servers.count - 1]
        }
        try await withTestServer(workers: 2, makeServer) { test in
            let clients = [try await test.connect(), try await test.connect(worker: 1)]
            servers[0].emit("large", [.binary(data)])
            for client in clients {
                let arguments = try await client.expect("large")
                #expect(arguments == [.binary(data)])
            }
        }
    }

    @Test("many tests leave no descriptor open")
    func descriptors() async {
        // A process of its own, because other tests open descriptors at the same time.
        await #expect(processExitsWith: .success) {
            var limit = 0
            for round in 0..<200 {
                let makeServer = { SocketServer() }
                try await withTestServer(workers: 2, makeServer) { test in
                    try await test.connect(worker: 1)
                }
                // The first round may leave some that it has not closed yet.
                if round == 0 { limit = openDescriptors() }
                // A loop's descriptors are closed a moment after it has ended, when its thread releases it.
                let deadline = ContinuousClock.now + .seconds(10)
                while openDescriptors() > limit {
                    precondition(ContinuousClock.now < deadline, "\(openDescriptors()) open after \(round) rounds")
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
        }
    }
}

/// A store that says when it is closed.
private struct NotingStore: MessageStore {
    private let store: any MessageStore
    private let closed: @Sendable () -> Void

    init(_ store: any MessageStore, closed: @escaping @Sendable () -> Void) {
        self.store = store
        self.closed = closed
    }

    var opening: StoreOpening { store.opening }

    func rowLimit(ofEpoch epoch: String) -> Int64? { store.rowLimit(ofEpoch: epoch) }

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport { try await store.commit(group) }

    func poll() async throws(StoreError) -> [StoredMessage] { try await store.poll() }

    func close() async {
        await store.close()
        closed()
    }

    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await store.page(after: after, through: through, limit: limit)
    }

    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await store.page(before: before, limit: limit)
    }

    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64 {
        try await store.start(ofLatest: count, through: through)
    }
}

private func openDescriptors() -> Int {
    (0..<1024).count { fcntl(CInt($0), F_GETFD) >= 0 }
}
