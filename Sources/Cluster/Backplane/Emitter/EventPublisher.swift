/// Publishes the messages of an ``Emitter`` through one kind of broker.
protocol EventPublisher: Sendable {
    /// Publishes a message. Messages of one task keep their order.
    /// - Throws: ``EmitterError``; `CancellationError` if the task is cancelled, whether the broker has the message or
    ///   not.
    func publish(_ message: BackplaneMessage) async throws

    /// Ends the connection. What was not confirmed fails.
    func close() async
}
