/// Events that every client of an audience may answer.
///
/// The hub orders the event like any other event, and each recipient gets it once. A client that is lost does not
/// receive it when it resumes its session.
///
/// At most 1024 such events of a worker are open, counting those that wait for earlier calls of the socket that asks,
/// and at most 1024 to ``local`` audiences. Further ones wait, and later calls of the same socket may then overtake
/// them.
extension Audience {
    /// Sends an event to the clients of the audience on all workers, and waits for their acknowledgements.
    ///
    /// An audience without clients gives no answers. A volatile event (``volatile``) reaches only clients that are
    /// ready to receive it; with ``local``, only this worker's clients are asked. An adapter of your own that does not
    /// support such events refuses them (``HubRequest/refusal``): each call then throws ``IncompleteAnswers`` with the
    /// reason ``IncompleteAnswers/Reason/recipientsGone``, except with ``local``.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - arguments: The event's arguments.
    ///   - timeout: The maximum time to wait for all answers.
    /// - Returns: The arguments of each client's acknowledgement, in the order of their arrival.
    /// - Throws: ``IncompleteAnswers``, with the answers that arrived, if a client does not answer within `timeout`,
    ///   as soon as all clients that have not answered are gone, or for another
    ///   ``IncompleteAnswers/Reason``; ``AcknowledgementError/reservedEventName(_:)``; `CancellationError` if the task
    ///   is cancelled.
    @discardableResult
    public func emitWithAcknowledgements(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = .seconds(10)
    ) async throws -> [Arguments] {
        guard !ReservedEventNames.contains(event) else { throw AcknowledgementError.reservedEventName(event) }
        guard !isEmpty else { return [] }
        guard let worker else { throw IncompleteAnswers(.closed) }
        let broadcast = broadcast(event, arguments)
        return try await worker.inquire(
            isLocal ? .local(broadcast) : .all(.clients(broadcast)), for: sender, timeout: timeout)
    }

    /// Sends an event with Swift values as arguments, and waits for the clients' acknowledgements, as
    /// ``emitWithAcknowledgements(_:_:timeout:)`` does.
    /// - Throws: The errors of that method; `EncodingError` if a value cannot be sent.
    @discardableResult
    public func emitWithAcknowledgements<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest, timeout: Duration = .seconds(10)
    ) async throws -> [Arguments] {
        let arguments = try Arguments(encoding: first, repeat each rest, coding: worker?.options.coding ?? .standard)
        return try await emitWithAcknowledgements(event, arguments, timeout: timeout)
    }

    /// Sends an event to the clients of the audience on all workers, and waits for their answers, as
    /// ``emitWithAcknowledgements(_:_:timeout:)`` does.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - values: The event's arguments.
    ///   - timeout: The maximum time to wait for all answers.
    /// - Returns: The first argument of each client's acknowledgement, in the order of their arrival.
    /// - Throws: The errors of ``emitWithAcknowledgements(_:_:timeout:)``; ``IncompleteAnswers`` with the other answers
    ///   if some have another type; `EncodingError` if a value cannot be sent.
    public func call<each Value: Encodable, Answer: Decodable>(
        _ event: String, _ values: repeat each Value, timeout: Duration = .seconds(10)
    ) async throws -> [Answer] {
        let coding = worker?.options.coding ?? .standard
        let arguments = try Arguments(encoding: repeat each values, coding: coding)
        let answers = try await emitWithAcknowledgements(event, arguments, timeout: timeout)
        return try IncompleteAnswers.decode(answers, coding: coding)
    }
}
