/// Swift values as arguments of the events that a socket sends, and as its data.
extension Socket {
    nonisolated var coding: ValueCoding { worker.options.coding }

    /// Sends an event with Swift values as arguments, as ``emit(_:_:)`` does.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        emit(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }

    /// Sends a volatile event with Swift values as arguments, as ``emitVolatile(_:_:)`` does.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emitVolatile<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        emitVolatile(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }

    /// Sends an event with Swift values as arguments and waits for the client's acknowledgement, as
    /// ``emitWithAcknowledgement(_:_:timeout:)`` does.
    /// - Throws: The errors of that method; `EncodingError` if a value cannot be sent.
    @discardableResult
    public func emitWithAcknowledgement<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest, timeout: Duration = .seconds(10)
    ) async throws -> Arguments {
        let arguments = try Arguments(encoding: first, repeat each rest, coding: coding)
        return try await emitWithAcknowledgement(event, arguments, timeout: timeout)
    }

    /// Sends an event and waits for the client's answer.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - values: The event's arguments.
    ///   - timeout: The maximum time to wait.
    /// - Returns: The first argument of the client's acknowledgement.
    /// - Throws: ``AcknowledgementError`` if there is no answer; ``ArgumentError`` if it has another type;
    ///   `EncodingError` if a value cannot be sent; `CancellationError` if the task is cancelled.
    public func call<each Value: Encodable, Answer: Decodable>(
        _ event: String, _ values: repeat each Value, timeout: Duration = .seconds(10)
    ) async throws -> Answer {
        let arguments = try Arguments(encoding: repeat each values, coding: coding)
        return try await emitWithAcknowledgement(event, arguments, timeout: timeout).decode(coding: coding)
    }

    /// The socket's data as a Swift value.
    /// - Throws: ``ArgumentError`` if the data is missing or has another type; any other error of an `init(from:)`.
    public func data<Value: Decodable>(as type: Value.Type) throws -> Value {
        try Arguments([.json(data ?? .null)]).decode(type, coding: coding)
    }

    /// Sets the socket's data, as ``setData(_:)`` does.
    /// - Throws: `EncodingError` if the value has no JSON form.
    public func setData<Value: Encodable>(encoding value: Value) throws {
        setData(try JSONText(encoding: value, coding: coding))
    }
}

extension Handshake {
    /// The client's `auth` as a Swift value.
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - coding: The JSON form of the value; nil for the server's own, ``ServerOptions/coding``.
    /// - Throws: ``ConnectError``, whose message the client sees, if `auth` is missing or has another type; any other
    ///   error of an `init(from:)`.
    public func auth<Value: Decodable>(as type: Value.Type, coding: ValueCoding? = nil) throws -> Value {
        do {
            return try Arguments([.json(auth ?? .null)]).decode(type, coding: coding ?? self.coding)
        } catch let error as ArgumentError {
            throw ConnectError(error.description(ofValue: "invalid auth"))
        }
    }
}
