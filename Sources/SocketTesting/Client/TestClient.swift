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

    private struct State {
        var connection: ClientConnection?
        var opening: Wait<Void>?
        var sockets: [String: TestSocket] = [:]
    }

    let server: TestServer
    private let worker: TestServer.Worker
    private let request: Request
    private let state = Mutex(State())

    init(of worker: TestServer.Worker, in server: TestServer, _ request: Request) {
        self.worker = worker
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

    /// Opens the connection if it is not open.
    func open(timeout: Duration) async throws {
        let opening = state.withLock { state -> (Wait<Void>, ClientConnection)? in
            guard state.opening == nil else { return nil }
            let (wait, connection) = (Wait<Void>(), makeConnection())
            (state.opening, state.connection) = (wait, connection)
            return (wait, connection)
        }
        guard let (wait, connection) = opening else { return }
        do {
            let query = [("EIO", "4"), ("transport", "websocket")] + request.query
            try connection.open(
                to: worker.listener, target: HTTPText.target(worker.path, query: query), headers: request.headers)
            try await wait.value(within: timeout) { TestError.timedOut(expected: "the connection", arrived: []) }
        } catch {
            close()
            throw error
        }
    }

    private func makeConnection() -> ClientConnection {
        ClientConnection(
            on: server.machine,
            ClientConnection.Receiver(
                opened: { [weak self] in self?.state.withLock { $0.opening }?.end(.success(())) },
                packet: { [weak self] in self?.received($0, on: $1) },
                failed: { [weak self] in self?.failed($0, on: $1) },
                ended: { [weak self] in self?.end(.transportClose, of: $0) }))
    }

    private func received(_ packet: ServerPacket, on connection: ClientConnection) {
        state.withLock { $0.connection === connection ? $0.sockets[packet.namespace] : nil }?.received(packet)
    }

    private func failed(_ error: any Error, on connection: ClientConnection) {
        let (opening, sockets) = state.withLock { state in
            state.connection === connection ? (state.opening, Array(state.sockets.values)) : (nil, [])
        }
        if opening?.end(.failure(error)) == true { return }
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
        state.withLock { $0.connection }?.reset()
        end(.transportError)
    }

    /// Ends the connection once no socket is connected, as official clients do.
    func closeIfUnused() {
        guard state.withLock({ $0.sockets.values.allSatisfy { !$0.isActive } }) else { return }
        close()
    }

    /// - Parameter connection: Ends only this connection; nil for the present one.
    private func end(_ reason: TestDisconnection, of connection: ClientConnection? = nil) {
        let ended = state.withLock { state -> State? in
            guard connection == nil || state.connection === connection else { return nil }
            let ended = state
            // Dropping the sockets also breaks the cycle of references between them and the client.
            state = State()
            return ended
        }
        ended?.connection?.close()
        ended?.opening?.end(.failure(TestError.connectionEnded))
        for socket in (ended?.sockets ?? [:]).values { socket.end(reason) }
    }

    // MARK: Sending

    /// Stops receiving, as a client does whose network is slow: what the server sends waits.
    public func stopReceiving() {
        state.withLock { $0.connection }?.setHeld(true)
    }

    /// Receives again, first everything that has been sent since ``stopReceiving()``.
    public func resumeReceiving() {
        state.withLock { $0.connection }?.setHeld(false)
    }

    /// Sends one text message as it is, for tests of what a faulty client may send.
    /// - Parameter message: The message with Engine.IO's type, such as `42["event"]`.
    public func send(raw message: String) {
        state.withLock { $0.connection }?.send(text: message)
    }

    func send(_ packet: ClientPacket) {
        state.withLock { $0.connection }?.send(packet)
    }
}
