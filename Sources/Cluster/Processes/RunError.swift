/// The reason why ``SocketServer/run(host:port:unixSockets:workers:ports:backplane:onServing:)`` cannot start
/// workers, or ``SocketServer/run(host:port:over:history:onServing:)`` cannot link the server.
public enum RunError: Error, Sendable, Equatable {
    /// Worker processes cannot use a database in memory.
    case databaseNotShared
    /// A server whose hub runs elsewhere cannot have a database: the hub stores the messages.
    case databaseOverLink
    /// The port is not between 0 and 65535, or that of the last worker would not be.
    case portOutOfRange(Int)
    /// There is neither a host nor a Unix domain socket to listen on.
    case nothingToListenOn
    /// The number of workers exceeds ``WorkerCount/limit``.
    case tooManyWorkers(Int)
    /// ``EngineOptions/maxPayload`` or ``EngineOptions/maxPending`` exceeds this number of bytes. A client message, and
    /// the events that a client missed, must each fit in one frame on the link of its worker.
    case messagesTooLarge(limit: Int)

    /// - Throws: ``portOutOfRange(_:)``.
    static func checked(_ port: Int) throws(RunError) -> UInt16 {
        guard let checked = UInt16(exactly: port) else { throw .portOutOfRange(port) }
        return checked
    }
}

extension RunError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .databaseNotShared: "worker processes cannot use a database in memory"
        case .databaseOverLink: "a server whose hub runs elsewhere cannot have a database"
        case .portOutOfRange(let port): "port \(port) is not between 0 and 65535"
        case .nothingToListenOn: "there is neither a host nor a Unix domain socket to listen on"
        case .tooManyWorkers(let count): "\(count) workers exceed the limit of \(WorkerCount.limit)"
        case .messagesTooLarge(let limit): "maxPayload or maxPending exceeds \(limit) bytes"
        }
    }
}
