import Actors
import Synchronization

/// A Socket.IO client of a test: one connection to the server, and a socket for each namespace that it joins.
///
/// All methods may be called from any thread.
public final class TestClient: Sendable {
    /// What the client sends when it connects.
    struct Request: Sendable {
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
    }

    private enum Phase {
        case closed
        /// With the calls that wait for the connection.
        case opening(ClientConnection, [Wait<Void>])
        case open(ClientConnection)

        var connection: ClientConnection? {
            switch self {
            case .closed: nil
            case .opening(let connection, _), .open(let connection): connection
            }
        }
    }

    private struct State {
        var phase = Phase.closed
        var sockets: [String: TestSocket] = [:]
    }

    private let worker: Mutex<TestServer.Worker>

    let server: TestServer
    private let request: Request
    private let state = Mutex(State())

    init(of worker: TestServer.Worker, in server: TestServer, _ request: Request) {
        self.worker = Mutex(worker)
        self.server = server
        self.request = request
    }

    // MARK: Connecting

    /// Joins a namespace, after connecting if the client is not connected.
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - auth: The data for the server's middleware, a JSON object.
    ///   - timeout: The longest time to wait for the server.
    /// - Returns: The socket in the namespace.
    /// - Throws: `ConnectError` with the server's message and data if the server refuses; ``TestError`` if it does not
    ///   answer, or refuses the connection.
    @discardableResult
    public func connect(
        _ namespace: String = "/", auth: JSONText? = nil, timeout: Duration = TestServer.timeout
    ) async throws -> TestSocket {
        let name = namespace.hasPrefix("/") ? namespace : "/" + namespace
        let socket = TestSocket(name, auth: auth, of: self)
        try await socket.reconnect(timeout: timeout)
        return socket
    }

    /// Makes a socket the one that receives the packets of its namespace, until the connection ends.
    func add(_ socket: TestSocket) throws(TestError) {
        let other = state.withLock { state -> TestSocket? in
            if let other = state.sockets[socket.namespace], other !== socket, other.isActive { return other }
            state.sockets[socket.namespace] = socket
            return nil
        }
        if other != nil { throw .alreadyConnected(socket.namespace) }
    }

    /// Opens the connection if it is not open, or waits for an earlier call that opens it. After an error, the caller
    /// closes the connection if no other socket uses it.
    /// - Parameter number: The number of the worker of a new connection; nil for that of the last one.
    func open(worker number: Int?, timeout: Duration) async throws {
        let next = try number.map { try server.worker($0) }
        let wait = Wait<Void>()
        let created = state.withLock { state -> ClientConnection? in
            switch state.phase {
            case .open:
                wait.end(.success(()))
                return nil
            case .opening(let connection, let waits):
                state.phase = .opening(connection, waits + [wait])
                return nil
            case .closed:
                if let next { worker.withLock { $0 = next } }
                let connection = makeConnection()
                state.phase = .opening(connection, [wait])
                return connection
            }
        }
        if let created { try start(created) }
        try await wait.value(within: timeout) { TestError.timedOut(expected: "the connection", arrived: []) }
    }

    private func start(_ connection: ClientConnection) throws {
        do {
            let worker = worker.withLock { $0 }
            let query = [("EIO", "4"), ("transport", "websocket")] + request.query
            try connection.open(
                to: worker.listener, target: HTTPText.target(worker.path, query: query), headers: request.headers)
        } catch {
            close()
            throw error
        }
    }

    private func makeConnection() -> ClientConnection {
        ClientConnection(
            on: server.machine,
            ClientConnection.Receiver(
                opened: { [weak self] in self?.opened($0) },
                packet: { [weak self] in self?.received($0, on: $1) },
                failed: { [weak self] in self?.failed($0, on: $1) },
                ended: { [weak self] in self?.end(.transportClose, of: $0) }))
    }

    private func opened(_ connection: ClientConnection) {
        let waits = state.withLock { state -> [Wait<Void>] in
            guard case .opening(let opening, let waits) = state.phase, opening === connection else { return [] }
            state.phase = .open(connection)
            return waits
        }
        for wait in waits { wait.end(.success(())) }
    }

    private func received(_ packet: ServerPacket, on connection: ClientConnection) {
        state.withLock { $0.phase.connection === connection ? $0.sockets[packet.namespace] : nil }?.received(packet)
    }

    private func failed(_ error: any Error, on connection: ClientConnection) {
        let (waits, sockets) = state.withLock { state -> ([Wait<Void>], [TestSocket]) in
            switch state.phase {
            case .opening(let opening, let waits) where opening === connection: (waits, [])
            case .open(let open) where open === connection: ([], Array(state.sockets.values))
            case .closed, .opening, .open: ([], [])
            }
        }
        for wait in waits { wait.end(.failure(error)) }
        for socket in sockets { socket.note("\(error)") }
    }

    // MARK: Ending

    /// Closes the connection. The server's sockets end with "transport close", and keep their sessions if the server
    /// has connection state recovery.
    public func close() {
        end(.byClient)
    }

    /// Loses the connection, as when a network fails. The server's sockets end with "transport error".
    public func loseConnection() {
        state.withLock { $0.phase.connection }?.reset()
        end(.transportError)
    }

    /// Ends the connection once no socket is connected, as official clients do.
    func closeIfUnused() {
        end(.byClient, ifUnused: true)
    }

    /// - Parameters:
    ///   - connection: Ends only this connection; nil for the present one.
    ///   - ifUnused: True to end it only if no socket uses it.
    private func end(_ reason: TestDisconnection, of connection: ClientConnection? = nil, ifUnused: Bool = false) {
        let ended = state.withLock { state -> State? in
            guard connection == nil || state.phase.connection === connection else { return nil }
            guard !ifUnused || state.sockets.values.allSatisfy({ !$0.isActive }) else { return nil }
            let ended = state
            // Dropping the sockets also breaks the cycle of references between them and the client.
            state = State()
            return ended
        }
        guard let ended else { return }
        ended.phase.connection?.close()
        if case .opening(_, let waits) = ended.phase {
            for wait in waits { wait.end(.failure(TestError.connectionEnded)) }
        }
        for socket in ended.sockets.values { socket.end(reason) }
    }

    // MARK: Sending

    /// Stops receiving, as a client does whose network is slow: what the server sends waits.
    public func stopReceiving() {
        state.withLock { $0.phase.connection }?.setHeld(true)
    }

    /// Receives again, first everything that has been sent since ``stopReceiving()``.
    public func resumeReceiving() {
        state.withLock { $0.phase.connection }?.setHeld(false)
    }

    /// Sends one text message as it is, for tests of what a faulty client may send.
    /// - Parameter message: The message with Engine.IO's type, such as `42["event"]`.
    public func send(raw message: String) {
        openConnection?.send(text: message)
    }

    func send(_ packet: ClientPacket) {
        openConnection?.send(packet)
    }

    /// The connection; nil before it is open, because messages must not precede the request.
    private var openConnection: ClientConnection? {
        state.withLock { state in
            if case .open(let connection) = state.phase { connection } else { nil }
        }
    }
}
