import Actors
import Glibc
import TestSupport
import Testing

@testable import Cluster
@testable import Transport

@Suite("Link over a connected socket")
struct SocketTransportTests {
    /// Long enough for a hello on a busy machine. The hub pings ten times as often, which a server needs.
    private static let helloPatience = Duration.seconds(80)

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
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
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
            let transport = SocketTransport(try Self.makeSockets().0)
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

    @Test("two servers share a hub over TCP, and end when the links end")
    func servers() async throws {
        let loop = try EventLoop.start(name: "hub")
        defer { loop.stop() }
        let hub = Hub(loop: loop, store: nil, recovery: RecoveryOptions())
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        defer { sockets[0].close() }
        var descriptors: [CInt] = []
        var runs: [Task<Void, any Error>] = []
        var servers: [SocketServer] = []
        for _ in 0..<2 {
            let transport = try SocketTransport(connectingTo: "127.0.0.1", port: sockets[0].address.port)
            var listener = pollfd(fd: sockets[0].descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&listener, 1, 10_000) == 1)
            descriptors.append(accept(sockets[0].descriptor, nil, nil))
            let transportOfHub = SocketTransport(descriptors[descriptors.count - 1])
            hub.connect(over: transportOfHub, patience: Self.helloPatience) { _ in }
            let server = SocketServer()
            servers.append(server)
            let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
            runs.append(
                Task {
                    defer { serving.finish() }
                    try await server.run(port: 0, over: transport) { serving.yield($0) }
                })
            _ = try #require(await addresses.first { _ in true })
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
            fixture.hub.connect(over: SocketTransport(ofHub), patience: Self.helloPatience) { notes.add("\($0)") }
            let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
            let run = Task {
                try await SocketServer().run(port: 0, over: SocketTransport(ofWorker)) { serving.yield($0) }
            }
            _ = await addresses.first { _ in true }
            run.cancel()
            try await run.value
            try await eventually { notes.all == ["\(LinkEnd.endOfFile)"] }
        }
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
