/// Events to the other workers, for the handlers that they have set with `onServerSide`.
///
/// The event goes to the same namespace of every other worker of the hub, and not to the worker that sends it. Without
/// other workers, it has no effect. A worker that starts at this time may miss it.
extension Broadcasting {
    /// Sends an event to every other worker. Callable from any thread. An event above 32 MiB is reported
    /// (``ServerReport/packetNotSent(_:)``) and not sent.
    public func serverSideEmit(_ event: String, _ arguments: Arguments = []) {
        let event = serverEvent(event, arguments)
        everyone.worker?.run { $0.emitToServers(event) }
    }

    /// Sends an event with Swift values as arguments to every other worker, as ``serverSideEmit(_:_:)`` does.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func serverSideEmit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        serverSideEmit(event, try Arguments(encoding: first, repeat each rest, coding: coding))
    }

    /// Sends an event to every other worker, and waits for the answers of their handlers. A worker without a handler
    /// answers at once, with a failure. At most 1024 events of a worker wait for answers of other workers; further ones
    /// wait to be sent.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - arguments: The event's arguments.
    ///   - timeout: The maximum time to wait for all answers.
    /// - Returns: The answers in the order of their arrival. Without other workers, there are none.
    /// - Throws: ``IncompleteAnswers``, with the answers that arrived, if a worker does not answer within `timeout`,
    ///   ends, has no handler, or its handler fails, or for another ``IncompleteAnswers/Reason``; `CancellationError`
    ///   if the task is cancelled.
    public func serverSideEmitWithAcknowledgements(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = .seconds(10)
    ) async throws -> [Arguments] {
        guard let worker = everyone.worker else { throw IncompleteAnswers(.closed) }
        return try await worker.inquire(.all(.servers(serverEvent(event, arguments))), for: nil, timeout: timeout)
    }

    /// Sends an event to every other worker, and waits for the answers of their handlers, as
    /// ``serverSideEmitWithAcknowledgements(_:_:timeout:)`` does.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - values: The event's arguments.
    ///   - timeout: The maximum time to wait for all answers.
    /// - Returns: The results of the handlers, in the order of their arrival.
    /// - Throws: The errors of ``serverSideEmitWithAcknowledgements(_:_:timeout:)``; ``IncompleteAnswers`` with the
    ///   other answers if some have another type; `EncodingError` if a value cannot be sent.
    public func callServers<each Value: Encodable, Answer: Decodable>(
        _ event: String, _ values: repeat each Value, timeout: Duration = .seconds(10)
    ) async throws -> [Answer] {
        let arguments = try Arguments(encoding: repeat each values, coding: coding)
        let answers = try await serverSideEmitWithAcknowledgements(event, arguments, timeout: timeout)
        return try IncompleteAnswers.decode(answers, coding: coding)
    }

    private func serverEvent(_ event: String, _ arguments: Arguments) -> ServerEvent {
        ServerEvent(namespace: everyone.namespace, name: event, arguments: EncodedArguments(arguments))
    }

    private var coding: ValueCoding { everyone.worker?.options.coding ?? .standard }
}
