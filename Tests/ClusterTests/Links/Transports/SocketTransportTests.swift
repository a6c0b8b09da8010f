import Actors
import Glibc
import Persistence
import TestSupport
import Testing

@testable import Cluster
@testable import Transport

@Suite("Link over a connected socket")
struct SocketTransportTests {
    /// A worker on its own loop.
    private func makeWorker(
        over transport: SocketTransport, notes: LinkedWorker.Notes = .init()
    ) throws -> (link: WorkerLink, loop: EventLoop) {
        let loop = try EventLoop.start(name: "worker")
        let link = WorkerLink(over: transport, on: loop, history: nil, patience: RemoteHub.longPatience) {
            notes.add("\($0)")
        }
        return (link, loop)
    }

    private static func makeSockets() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    /// Waits for a connection. The listening socket does not block.
    private static func accept(on socket: ListeningSocket) async throws -> CInt {
        var descriptor: CInt = -1
        try await eventually {
            descriptor = Glibc.accept(socket.descriptor, nil, nil)
            return descriptor >= 0
        }
        return descriptor
    }

    /// Starts a server that is a worker of a hub, and waits until it serves or has failed.
    /// - Parameter connectHub: connects the hub's side. Called when the server starts, because the hub does not wait
    ///   long for a hello.
    private static func serve(
        _ server: SocketServer, over transport: SocketTransport, connectHub: @escaping @Sendable () -> Void
    ) async -> Task<Void, any Error> {
        let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
        let run = Task {
            defer { serving.finish() }
            connectHub()
            try await server.run(port: 0, over: transport) { serving.yield($0) }
        }
        _ = await addresses.first { _ in true }
        return run
    }

    private func submit(_ requests: [HubRequest], over link: isolated WorkerLink, to receiver: LinkedWorker.Receiver) {
        link.attach(receiver)
        link.submit(requests)
    }

    @Test("large requests and events pass, although the kernel accepts them in parts", arguments: [1, 40])
    func large(count: Int) async throws {
        try await RemoteHub.run { fixture in
            let (ofHub, ofWorker) = try Self.makeSockets()
            fixture.hub.connect(over: SocketTransport(ofHub), patience: RemoteHub.longPatience) { _ in }
            let (link, loop) = try makeWorker(over: SocketTransport(ofWorker))
            defer { loop.stop() }
            try await link.open()
            let receiver = LinkedWorker.Receiver()
            let text = String(repeating: "x", count: 500_000)
            try await submit([.register("A")], over: link, to: receiver)
            for _ in 0..<count { try await submit([.emit(text, by: "A")], over: link, to: receiver) }
            try await eventually { receiver.words.count == 1 + 2 * count }
            #expect(receiver.words.last == "A emitted" && receiver.words[1] == "event \(text) @1")
        }
    }

    @Test("the link ends when the other side closes its socket")
    func closed() async throws {
        try await RemoteHub.run { fixture in
            let (ofHub, ofWorker) = try Self.makeSockets()
            let (atHub, atWorker) = (LinkedWorker.Notes(), LinkedWorker.Notes())
            fixture.hub.connect(over: SocketTransport(ofHub), patience: RemoteHub.longPatience) { atHub.add("\($0)") }
            let (link, loop) = try makeWorker(over: SocketTransport(ofWorker), notes: atWorker)
            defer { loop.stop() }
            try await link.open()
            shutdown(ofHub, CInt(SHUT_RDWR))
            try await eventually { atHub.all.count == 1 && atWorker.all.count == 1 }
            #expect(atHub.all + atWorker.all == ["\(LinkEnd.endOfFile)", "\(LinkEnd.endOfFile)"])
        }
    }

    @Test("a descriptor that is no socket, or used twice, ends the link")
    func unusable() async throws {
        try await RemoteHub.run { fixture in
            let notes = LinkedWorker.Notes()
            fixture.hub.connect(over: SocketTransport(-1)) { notes.add("\($0)") }
            try await eventually { notes.all.count == 1 }
            #expect(notes.all == ["its transport failed: fcntl: Bad file descriptor"])
            let (socket, other) = try Self.makeSockets()
            defer { close(other) }
            let transport = SocketTransport(socket)
            fixture.hub.connect(over: transport)
            fixture.hub.connect(over: transport) { notes.add("\($0)") }
            try await eventually { notes.all.contains("its transport failed: second use: Bad file descriptor") }
        }
    }

    @Test("a port without a listener is an error")
    func refused() throws {
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        let port = sockets[0].address.port
        sockets[0].close()
        #expect(throws: SystemError("connect", code: ECONNREFUSED)) {
            try SocketTransport(connectingTo: "127.0.0.1", port: port)
        }
        #expect(throws: SocketAddress.ResolutionError.self) { try SocketTransport(connectingTo: "[x]", port: port) }
    }

    @Test("an address that does not answer is an error after the time limit")
    func dead() throws {
        // The queue of a listener that accepts nothing: once it is full, the system ignores further attempts.
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let loopback = SocketAddress(host: "127.0.0.1", port: 0, isIPv6: false)
        let isBound = loopback.withSockaddr { bind(listener, $0, $1) == 0 }
        try #require(isBound && listen(listener, 0) == 0)
        let address = try LinuxMachine.shared.localAddress(of: listener)
        var queued: [CInt] = []
        defer { for descriptor in queued { close(descriptor) } }
        #expect(throws: SystemError("connect", code: ETIMEDOUT)) {
            for _ in 0..<10 {
                queued.append(try BlockingConnection.open(to: address, within: .milliseconds(200)))
            }
        }
        #expect(!queued.isEmpty)
    }

    @Test("two servers share a hub over TCP, and end when the links end")
    func servers() async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        let hub = Hub(loop: loop, store: nil, recovery: RecoveryOptions())
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        defer { sockets[0].close() }
        var descriptors: [CInt] = []
        var runs: [Task<Void, any Error>] = []
        let servers = [SocketServer(), SocketServer()]
        for server in servers {
            let transport = try SocketTransport(connectingTo: "127.0.0.1", port: sockets[0].address.port)
            let descriptor = try await Self.accept(on: sockets[0])
            descriptors.append(descriptor)
            runs.append(
                await Self.serve(server, over: transport) {
                    hub.connect(over: SocketTransport(descriptor)) { _ in }
                })
        }
        // A fetch is answered by the hub, so it proves that the server is linked.
        for server in servers { #expect(try await server.of("/").fetchSockets().isEmpty) }
        for descriptor in descriptors { shutdown(descriptor, CInt(SHUT_RDWR)) }
        for run in runs { await #expect(throws: LinkEnd.self) { try await run.value } }
    }

    @Test("a server ends without an error when its task is cancelled, and leaves the hub")
    func cancelled() async throws {
        try await RemoteHub.run { fixture in
            let (ofHub, ofWorker) = try Self.makeSockets()
            let notes = LinkedWorker.Notes()
            let run = await Self.serve(SocketServer(), over: SocketTransport(ofWorker)) {
                fixture.hub.connect(over: SocketTransport(ofHub)) { notes.add("\($0)") }
            }
            run.cancel()
            try await run.value
            try await eventually { notes.all == ["\(LinkEnd.endOfFile)"] }
        }
    }

    @Test("a second run of a server is an error, and the first goes on")
    func startedBefore() async throws {
        try await RemoteHub.run { fixture in
            let server = SocketServer()
            let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
            let first = Task {
                defer { serving.finish() }
                try await server.run(port: 0) { serving.yield($0) }
            }
            let address = try #require(await addresses.first { _ in true })
            let (ofHub, ofWorker) = try Self.makeSockets()
            fixture.hub.connect(over: SocketTransport(ofHub)) { _ in }
            await #expect(throws: AlreadyStarted.self) {
                try await server.run(port: 0, over: SocketTransport(ofWorker))
            }
            // A server that was closed refuses connections.
            let probe = try SocketTransport(connectingTo: address.host, port: address.port)
            probe.close()
            first.cancel()
            try await first.value
        }
    }

    @Test("a server with a database of its own cannot be linked to a hub")
    func ownDatabase() async throws {
        let server = SocketServer(database: .sqlite(SQLiteStore.memoryPath))
        let (transport, _) = MemoryTransport.makePair()
        await #expect(throws: RunError.databaseOverLink) { try await server.run(port: 0, over: transport) }
    }

    @Test("messages larger than a frame of the link are an error")
    func tooLarge() async throws {
        let server = SocketServer(ServerOptions(engine: EngineOptions(maxPayload: 33 << 20)))
        let (transport, _) = MemoryTransport.makePair()
        await #expect(throws: RunError.messagesTooLarge(limit: 32 << 20)) {
            try await server.run(port: 0, over: transport)
        }
    }
}
