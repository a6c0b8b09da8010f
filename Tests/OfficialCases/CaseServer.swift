import Cluster
import SocketTesting
import Synchronization
import Testing

/// The ways to run the server of a case. The server must behave the same.
enum Deployment: String, CaseIterable, CustomTestStringConvertible {
    case oneProcess = "one process"
    case workers = "two workers, over pipes"

    var testDescription: String { rawValue }
    var workerCount: Int { self == .oneProcess ? 1 : 2 }
}

/// The lines that the handlers of a case write.
final class CaseNotes: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// The running server of a case. Its clients connect to its workers in turn.
final class CaseServer: Sendable {
    let test: TestServer
    let servers: [SocketServer]
    let notes: CaseNotes
    private let clientCount = Mutex(0)

    /// The server of the first worker.
    var io: SocketServer { servers[0] }

    /// Runs a case.
    /// - Parameters:
    ///   - deployment: How the server runs.
    ///   - options: The options of the server.
    ///   - setUp: Sets up the server of each worker.
    ///   - test: The case.
    static func run(
        _ deployment: Deployment, _ options: ServerOptions = ServerOptions(),
        setUp: @escaping @Sendable (SocketServer, CaseNotes) throws -> Void = { _, _ in },
        test body: (CaseServer) async throws -> Void
    ) async throws {
        let notes = CaseNotes()
        var servers: [SocketServer] = []
        func makeServer() throws -> SocketServer {
            let server = SocketServer(options) { report in
                // The client of a case learns of its refusal.
                if case .clientRefused = report { return }
                notes.add("report: \(Self.text(of: report))")
            }
            try setUp(server, notes)
            servers.append(server)
            return server
        }
        if deployment == .oneProcess {
            let server = try makeServer()
            try await withTestServer(server) { try await body(CaseServer($0, servers, notes)) }
        } else {
            try await withTestServer(workers: deployment.workerCount, makeServer) {
                try await body(CaseServer($0, servers, notes))
            }
        }
    }

    private init(_ test: TestServer, _ servers: [SocketServer], _ notes: CaseNotes) {
        self.test = test
        self.servers = servers
        self.notes = notes
    }

    private static func text(of report: ServerReport) -> String {
        switch report {
        case .handlerFailed(let error, let namespace): "\(error) in \(namespace)"
        case .reservedEventName(let name, let namespace): "reserved \(name) in \(namespace)"
        case .refused(.engineRefused(let refused)): "refused \(refused.error.rawValue) \(refused.context)"
        default: "\(report)"
        }
    }

    /// Creates a client of the next worker.
    func client(
        query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = []
    ) throws -> TestClient {
        let number = clientCount.withLock { count in
            defer { count += 1 }
            return count
        }
        return try test.client(query: query, headers: headers, worker: number % servers.count)
    }

    /// Connects a new client to the next worker.
    @discardableResult
    func connect(_ namespace: String = "/", auth: JSONText? = nil) async throws -> TestSocket {
        try await client().connect(namespace, auth: auth)
    }

    /// Connects several clients.
    @discardableResult
    func connect(_ count: Int, _ namespace: String = "/") async throws -> [TestSocket] {
        var clients: [TestSocket] = []
        for _ in 0..<count { clients.append(try await connect(namespace)) }
        return clients
    }

    /// Waits until a handler has written a line.
    func waitForNote(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + TestServer.timeout
        while !notes.all.contains(line) {
            try #require(ContinuousClock.now < deadline, "\(line) is missing", sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(1))
        }
        try await test.settle()
    }

    /// The server's socket of a client.
    func socket(of client: TestSocket) async throws -> Socket {
        try await test.settle()
        for server in servers {
            let sockets = await server.of(client.namespace).sockets
            if let socket = sockets.first(where: { $0.key.description == client.id })?.value { return socket }
        }
        throw MissingSocket()
    }

    struct MissingSocket: Error {}
}
