import Glibc
import Persistence
import TestSupport
import Testing

@testable import Cluster
@testable import Transport

@Suite("SocketServer.run", .serialized)
struct RunTests {
    @Test("serves clients until its task is cancelled, then closes the port and returns")
    func servesUntilCancelled() async throws {
        #expect(!SocketServer.isWorker)
        let server = SocketServer()
        server.of("/").onConnection { $0.emit("hello") }
        let running = RunningServer(server)
        let port = try await running.port
        #expect(try HTTPClient.get("/socket.io/?EIO=4&transport=polling", port: port).contains(#"0{"sid":"#))
        running.task.cancel()
        try await running.task.value
        #expect(throws: HTTPClient.Failure.refused) { try HTTPClient.get("/", port: port) }
    }

    @Test("the page of metrics is that of the whole server, and health checks are answered")
    func metrics() async throws {
        let server = SocketServer(database: .sqlite(SQLiteStore.memoryPath))
        server.serveHealth()
        let running = RunningServer(server)
        let port = try await running.port
        try await eventually { try HTTPClient.get("/readyz", port: port).hasSuffix("\r\n\r\nok") }
        let page = await server.metrics()
        for line in ["chatd_ready 1", "chatd_store_up 1", #"chatd_http_responses_total{class="3xx"} 0"#] {
            #expect(page.contains("\n\(line)\n"), "\(line)")
        }
        running.task.cancel()
        try await running.task.value
    }

    @Test("listens on Unix domain sockets alone, and removes their files at the end")
    func unixSockets() async throws {
        let directory = try TemporaryDirectory([:])
        let path = "\(directory.path)/socket"
        let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
        let task = Task { try await SocketServer().run(host: nil, unixSockets: [path]) { serving.yield($0) } }
        #expect(await addresses.first { _ in true } == (try SocketAddress(unixPath: path)))
        #expect(access(path, F_OK) == 0)
        task.cancel()
        try await task.value
        #expect(access(path, F_OK) != 0)
    }

    @Test("a server must listen on something, and a path must be possible for a socket")
    func nothingToListenOn() async {
        await #expect(throws: RunError.nothingToListenOn) { try await SocketServer().run(host: nil) }
        await #expect(throws: SocketAddress.PathError.self) { try await SocketServer().run(unixSockets: ["relative"]) }
        let path = "/" + String(repeating: "x", count: 105)
        await #expect(throws: SocketAddress.PathError.self) {
            try await SocketServer().run(unixSockets: [path], workers: 2)
        }
    }

    @Test("throws the reason if the port is in use")
    func portInUse() async throws {
        let first = RunningServer(SocketServer())
        let port = try await first.port
        await #expect(throws: ListeningSocket.BindError.self) { try await SocketServer().run(port: Int(port)) }
        first.task.cancel()
        try await first.task.value
    }

    @Test("a failed start frees the port, so that the program can try again")
    func failedStart() async throws {
        let first = RunningServer(SocketServer())
        let port = try await first.port
        first.task.cancel()
        try await first.task.value
        let database = MessageDatabase.sqlite("/no such directory/messages.db")
        await #expect(throws: StoreError.self) { try await SocketServer(database: database).run(port: Int(port)) }
        let second = RunningServer(SocketServer(), port: port)
        #expect(try await second.port == port)
        second.task.cancel()
        try await second.task.value
    }

    @Test(
        "options that workers cannot have are an error",
        arguments: [
            (65535, 2, 1_000_000, false, RunError.portOutOfRange(65536)),
            (65536, 1, 1_000_000, false, .portOutOfRange(65536)), (-1, 1, 1_000_000, false, .portOutOfRange(-1)),
            (0, 257, 1_000_000, false, .tooManyWorkers(257)),
            (0, 1, 33 << 20, false, .messagesTooLarge(limit: 32 << 20)),
            (0, 1, 1_000_000, true, .databaseNotShared),
        ])
    func unsuitable(port: Int, workers: Int, maxPayload: Int, isInMemory: Bool, expected: RunError) async {
        let options = ServerOptions(engine: EngineOptions(maxPayload: maxPayload))
        let server = SocketServer(options, database: isInMemory ? .sqlite(SQLiteStore.memoryPath) : nil)
        await #expect(throws: expected) { try await server.run(port: port, workers: WorkerCount(workers)) }
    }

    @Test("returns at once in a cancelled task")
    func cancelledBefore() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await SocketServer().run(port: 0)
        }
        try await task.value
    }

    @Test("a second run is an error, and so is a run of a closed server")
    func secondRun() async throws {
        let server = SocketServer()
        let running = RunningServer(server)
        _ = try await running.port
        await #expect(throws: AlreadyStarted.self) { try await server.run(port: 0) }
        running.task.cancel()
        try await running.task.value
        await #expect(throws: AlreadyStarted.self) { try await server.run(port: 0) }
    }

    @Test("a thousand runs leave no descriptor, thread or server behind")
    func leavesNothing() async throws {
        final class Token: Sendable {}
        weak var last: Token?
        let descriptors = try Self.names(in: "/proc/self/fd").count
        for _ in 0..<1000 {
            let token = Token()
            last = token
            let server = SocketServer()
            // A reference cycle that applications create.
            server.of("/").onConnection { _ in withExtendedLifetime((server, token)) {} }
            let running = RunningServer(server)
            _ = try await running.port
            running.task.cancel()
            try await running.task.value
        }
        try await eventually { last == nil }
        // Only this suite has threads of this name, and its tests run one after the other.
        try await eventually { try Self.serverThreads() == 0 }
        // Other suites run at the same time and open descriptors too, but far fewer than 1000.
        try await eventually { try Self.names(in: "/proc/self/fd").count < descriptors + 300 }
    }

    private static func serverThreads() throws -> Int {
        try names(in: "/proc/self/task").count {
            SystemFile.read("/proc/self/task/\($0)/comm").map { String(decoding: $0, as: UTF8.self) } == "socket.io\n"
        }
    }

    private static func names(in path: String) throws -> [String] {
        let directory = try #require(opendir(path))
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { !$0.hasPrefix(".") }
    }
}

/// A server that runs in a task of its own.
private struct RunningServer {
    let task: Task<Void, any Error>
    private let addresses: AsyncStream<SocketAddress>

    init(_ server: SocketServer, port: UInt16 = 0) {
        let (addresses, serving) = AsyncStream.makeStream(of: SocketAddress.self)
        self.addresses = addresses
        task = Task {
            defer { serving.finish() }
            try await server.run(port: Int(port)) { serving.yield($0) }
        }
    }

    /// The port on which clients can connect.
    var port: UInt16 {
        get async throws { try #require(await addresses.first { _ in true }).port }
    }
}

/// Requests over real sockets.
private enum HTTPClient {
    enum Failure: Error {
        case refused
    }

    /// Sends a request and reads until the server closes the connection.
    static func get(_ target: String, port: UInt16) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: &address) {
            connect(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard result == 0 else { throw Failure.refused }
        let request = Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer.prefix(count) }
        return String(decoding: answer, as: UTF8.self)
    }
}
