/// Publishes the messages of an ``Emitter`` through one kind of broker.
protocol EventPublisher: Sendable {
    /// Publishes a message. Messages of one task keep their order.
    /// - Throws: ``EmitterError``; `CancellationError` if the task is cancelled, whether the broker has the message or
    ///   not.
    func publish(_ message: BackplaneMessage) async throws

    /// Connects, unless there is a connection.
    /// - Throws: ``EmitterError`` if no server accepts the connection and the user in time.
    func connect() async throws

    /// Ends the connection. What was not confirmed fails.
    func close() async
}
