/// The reason why ``SocketServer/run(host:port:workers:onServing:)`` cannot start workers, or
/// ``SocketServer/run(host:port:over:history:onServing:)`` cannot link the server.
public enum RunError: Error, Sendable, Equatable {
    /// Worker processes cannot use a database in memory.
    case databaseNotShared
    /// A server whose hub runs elsewhere cannot have a database: the hub stores the messages.
    case databaseOverLink
    /// The last worker's port would exceed 65535.
    case portOutOfRange(Int)
    /// The number of workers exceeds ``WorkerCount/limit``.
    case tooManyWorkers(Int)
    /// ``EngineOptions/maxPayload`` or ``EngineOptions/maxPending`` exceeds this number of bytes. A client message, and
    /// the events that a client missed, must each fit in one frame on the link of its worker.
    case messagesTooLarge(limit: Int)
}
