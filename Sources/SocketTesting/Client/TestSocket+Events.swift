import Actors

/// Sending events, and expecting those of the server.
extension TestSocket {
    // MARK: Sending

    /// Sends an event.
    /// - Throws: ``TestError`` if the client is not connected.
    public func emit(_ event: String, _ arguments: Arguments = []) throws {
        try requireConnection(for: "sending \(event)")
        client.send(.event(event, arguments, id: nil, in: namespace))
    }

    /// Sends an event with Swift values as arguments.
    /// - Throws: ``TestError`` if the client is not connected; `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try emit(event, Arguments(encoding: first, repeat each rest))
    }

    /// Sends an event and waits for the server's acknowledgement.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - arguments: The event's arguments.
    ///   - timeout: The longest time to wait.
    /// - Returns: The arguments of the acknowledgement.
    /// - Throws: ``TestError`` if none arrives.
    @discardableResult
    public func emitWithAcknowledgement(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = TestServer.timeout
    ) async throws -> Arguments {
        try requireConnection(for: "the acknowledgement of \(event)")
        let wait = Wait<Arguments>()
        let id = state.withLock { state in
            state.lastID += 1
            state.answers[state.lastID] = wait
            return state.lastID
        }
        client.send(.event(event, arguments, id: id, in: namespace))
        defer { state.withLock { $0.answers[id] = nil } }
        return try await wait.value(within: timeout) { [self] in
            TestError.timedOut(expected: "the acknowledgement of \(event)", arrived: arrived)
        }
    }

    /// Sends an event with Swift values as arguments, and waits for the server's acknowledgement.
    /// - Returns: The arguments of the acknowledgement.
    /// - Throws: ``TestError`` if none arrives; `EncodingError` if a value cannot be sent.
    @discardableResult
    public func emitWithAcknowledgement<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest, timeout: Duration = TestServer.timeout
    ) async throws -> Arguments {
        let arguments = try Arguments(encoding: first, repeat each rest)
        return try await emitWithAcknowledgement(event, arguments, timeout: timeout)
    }

    /// Sends an event with Swift values as arguments, and waits for the server's answer.
    /// - Returns: The first argument of the acknowledgement.
    /// - Throws: ``TestError`` if none arrives; ``ArgumentError`` if it has another type; `EncodingError` if a value
    ///   cannot be sent.
    public func call<each Value: Encodable, Answer: Decodable>(
        _ event: String, _ values: repeat each Value, timeout: Duration = TestServer.timeout
    ) async throws -> Answer {
        let arguments = try Arguments(encoding: repeat each values)
        return try await emitWithAcknowledgement(event, arguments, timeout: timeout).decode()
    }

    private func requireConnection(for purpose: String) throws {
        guard !isConnected else { return }
        throw lost(purpose, state.withLock { $0.disconnection } ?? .byClient)
    }

    // MARK: Expecting

    /// Waits for the next event with a name. Events with other names stay for later calls.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - timeout: The longest time to wait.
    /// - Returns: The event's arguments.
    /// - Throws: ``TestError``, which names the events that arrived instead.
    @discardableResult
    public func expect(_ event: String, timeout: Duration = TestServer.timeout) async throws -> Arguments {
        let wait = Wait<Arguments>()
        let ended = state.withLock { state -> TestDisconnection? in
            if let arguments = state.inbox.take(event) {
                wait.end(.success(arguments))
                return nil
            }
            state.inbox.expect(event, wait)
            return state.isConnected ? nil : state.disconnection
        }
        if let ended { wait.end(.failure(lost(event, ended))) }
        return try await wait.value(within: timeout) { [self] in
            TestError.timedOut(expected: event, arrived: arrived)
        }
    }

    /// Waits for the next event with a name, and decodes its first argument.
    /// - Throws: ``TestError`` if none arrives; ``ArgumentError`` if the argument has another type.
    public func expect<Value: Decodable>(
        _ event: String, timeout: Duration = TestServer.timeout
    ) async throws -> Value {
        try await expect(event, timeout: timeout).decode(Value.self)
    }

    /// Waits for the next event with a name, and decodes its first two arguments.
    /// - Throws: ``TestError`` if none arrives; ``ArgumentError`` if an argument has another type.
    public func expect<First: Decodable, Second: Decodable>(
        _ event: String, timeout: Duration = TestServer.timeout
    ) async throws -> (First, Second) {
        try await expect(event, timeout: timeout).decode(First.self, Second.self)
    }

    /// Waits for the next event with a name, and decodes its first three arguments.
    /// - Throws: ``TestError`` if none arrives; ``ArgumentError`` if an argument has another type.
    public func expect<First: Decodable, Second: Decodable, Third: Decodable>(
        _ event: String, timeout: Duration = TestServer.timeout
    ) async throws -> (First, Second, Third) {
        try await expect(event, timeout: timeout).decode(First.self, Second.self, Third.self)
    }

    /// Checks that nothing has arrived that the test has not expected, once the server has handled everything that was
    /// sent; see ``TestServer/settle(timeout:)``.
    /// - Parameters:
    ///   - event: The name of the events that must not arrive; nil for all.
    ///   - timeout: The longest time to wait for the server.
    /// - Throws: ``TestError/unexpected(_:)``; ``TestError/timedOut(expected:arrived:)`` if the server does not end its
    ///   work.
    public func expectNothing(_ event: String? = nil, timeout: Duration = TestServer.timeout) async throws {
        try await client.server.settle(timeout: timeout) { [self] in arrived }
        let found = event.map { name in state.withLock { $0.inbox.descriptions(of: name) } } ?? arrived
        guard found.isEmpty else { throw TestError.unexpected(found) }
    }
}
