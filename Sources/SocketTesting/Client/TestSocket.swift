import Actors
import Synchronization

/// A test's client in one namespace.
///
/// Events without a handler wait until the test expects them, at most ``maxWaiting``; then the oldest are dropped.
/// With connection state recovery, the server's events have one more argument, their offset, as in official clients.
/// All methods may be called from any thread.
public final class TestSocket: Sendable {
    typealias Handler = @Sendable (Arguments) throws -> Arguments?

    /// The most events that wait to be expected.
    public static let maxWaiting = 10_000

    struct State {
        var id: String?
        var connecting: Wait<Void>?
        var isConnected = false
        var isRecovered = false
        var pid: String?
        var offset: String?
        var disconnection: TestDisconnection?
        var endings: [Wait<TestDisconnection>] = []
        var inbox = Inbox()
        var handlers: [String: Handler] = [:]
        var answers: [UInt64: Wait<Arguments>] = [:]
        var lastID: UInt64 = 0
    }

    /// The connection, which other namespaces of the client share.
    public let client: TestClient
    /// The name of the namespace.
    public let namespace: String
    private let auth: JSONText?
    let state = Mutex(State())

    init(_ namespace: String, auth: JSONText?, of client: TestClient) {
        self.namespace = namespace
        self.auth = auth
        self.client = client
    }

    /// The id of the server's socket; nil before the first connection.
    public var id: String? { state.withLock { $0.id } }

    /// True while the client is in the namespace.
    public var isConnected: Bool { state.withLock { $0.isConnected } }

    /// True if the client is in the namespace or has asked for it.
    var isActive: Bool { state.withLock { $0.isConnected || $0.connecting != nil } }

    /// True if the server has recovered the client's earlier session at the last connection.
    public var isRecovered: Bool { state.withLock { $0.isRecovered } }

    // MARK: Connecting

    /// Joins the namespace again, with the same `auth`, after connecting if the client is not connected. If the server
    /// has connection state recovery and the connection was lost, the client asks for its session.
    /// - Parameters:
    ///   - worker: The number of the worker, from 0; nil for the same one as before. Ignored while the client is
    ///     connected for other namespaces.
    ///   - timeout: The longest time to wait for the server.
    /// - Throws: `ConnectError` if the server refuses; ``TestError`` if it does not answer, or there is no such worker.
    public func reconnect(worker: Int? = nil, timeout: Duration = TestServer.timeout) async throws {
        let wait = Wait<Void>()
        try state.withLock { state in
            guard !state.isConnected, state.connecting == nil else { throw TestError.alreadyConnected(namespace) }
            state.connecting = wait
        }
        do {
            try client.add(self)
            try await client.open(worker: worker, timeout: timeout)
            client.send(.connect(namespace, auth: authWithSession))
            try await wait.value(within: timeout) { [namespace] in
                TestError.timedOut(expected: "the answer of \(namespace)", arrived: [])
            }
        } catch {
            state.withLock { $0.connecting = nil }
            client.closeIfUnused()
            throw error
        }
    }

    private var authWithSession: JSONText? {
        let (pid, offset) = state.withLock { ($0.pid, $0.offset) }
        guard let pid else { return auth }
        var members = (auth?.members ?? []).map { ($0.name, $0.value) }
        members.append(("pid", JSONText(string: pid)))
        if let offset { members.append(("offset", JSONText(string: offset))) }
        return JSONText(object: members)
    }

    /// Leaves the namespace, and closes the connection if the client is in no other namespace. The server forgets the
    /// session.
    public func disconnect() {
        client.send(.disconnect(namespace))
        end(.byClient)
        client.closeIfUnused()
    }

    /// Waits until the client is not in the namespace.
    /// - Parameter timeout: The longest time to wait.
    /// - Returns: The reason.
    /// - Throws: ``TestError/timedOut(expected:arrived:)``.
    @discardableResult
    public func expectDisconnect(timeout: Duration = TestServer.timeout) async throws -> TestDisconnection {
        let wait = Wait<TestDisconnection>()
        state.withLock { state in
            if let reason = state.disconnection { wait.end(.success(reason)) } else { state.endings.append(wait) }
        }
        return try await wait.value(within: timeout) { [self] in
            TestError.timedOut(expected: "a disconnection", arrived: arrived)
        }
    }

    /// The events that arrived and were not expected.
    var arrived: [String] { state.withLock { $0.inbox.descriptions } }

    // MARK: Receiving

    /// Called on the server's thread.
    func received(_ packet: ServerPacket) {
        switch packet.content {
        case .connected(let session): connected(session)
        case .refused(let error): refused(error)
        case .disconnected:
            end(.byServer)
            client.closeIfUnused()
        case .event(let name, let arguments): receivedEvent(name, arguments, id: packet.acknowledgementID)
        case .acknowledgement(let arguments):
            guard let id = packet.acknowledgementID else { return }
            state.withLock { $0.answers.removeValue(forKey: id) }?.end(.success(arguments))
        }
    }

    private func connected(_ session: JSONText) {
        let wait = state.withLock { state in
            let pid = session["pid"]?.string
            state.isRecovered = pid != nil && pid == state.pid
            if !state.isRecovered { state.offset = nil }
            state.id = session["sid"]?.string
            state.pid = pid
            state.isConnected = true
            state.disconnection = nil
            defer { state.connecting = nil }
            return state.connecting
        }
        wait?.end(.success(()))
    }

    private func refused(_ error: JSONText) {
        let wait = state.withLock { state in
            defer { state.connecting = nil }
            return state.connecting
        }
        wait?.end(.failure(ConnectError(error["message"]?.string ?? "", data: error["data"])))
    }

    private func receivedEvent(_ name: String, _ arguments: Arguments, id: UInt64?) {
        let handler = state.withLock { state -> Handler? in
            // The event of an earlier connection may arrive late.
            guard state.isConnected else { return { _ in nil } }
            if state.pid != nil, case .json(let last)? = arguments.last, let offset = last.string {
                state.offset = offset
            }
            if let handler = state.handlers[name] { return handler }
            state.inbox.add(name, arguments)
            return nil
        }
        guard let handler else { return }
        do {
            guard let answer = try handler(arguments), let id else { return }
            client.send(.acknowledgement(id, answer, in: namespace))
        } catch {
            note("the handler of \(name) failed: \(error)")
        }
    }

    /// Records a failure, which the next ``TestError`` names.
    func note(_ failure: String) {
        state.withLock { $0.inbox.failures.append(failure) }
    }

    /// Ends the socket.
    func end(_ reason: TestDisconnection) {
        let ended = state.withLock { state -> State? in
            guard state.isConnected || state.connecting != nil else { return nil }
            let ended = state
            state.isConnected = false
            state.connecting = nil
            state.disconnection = reason
            state.endings = []
            state.answers = [:]
            return ended
        }
        guard let ended else { return }
        ended.connecting?.end(.failure(TestError.connectionEnded))
        for wait in ended.endings { wait.end(.success(reason)) }
        for answer in ended.answers.values { answer.end(.failure(lost("the acknowledgement", reason))) }
        for expected in state.withLock({ $0.inbox.endWaits() }) {
            expected.wait.end(.failure(lost(expected.event, reason)))
        }
    }

    /// The error of a wait that a disconnection has ended.
    func lost(_ expected: String, _ reason: TestDisconnection) -> TestError {
        .disconnected(expected: expected, reason: reason, arrived: arrived)
    }
}
