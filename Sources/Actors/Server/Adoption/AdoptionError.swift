import Transport

/// The reason why a server did not take a connection from other code. The descriptor is closed.
public enum AdoptionError: Error, Sendable, Equatable {
    /// The descriptor is not a connected stream socket. The client may have disconnected already.
    case notConnected(SystemError)
    /// The server does not accept clients yet, and 1024 connections or 16 MiB wait for it.
    case tooManyWaiting
    /// The server is closed, or it has no clients because its worker processes have them.
    case serverClosed
}

extension AdoptionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notConnected(let error): "the descriptor is no connected stream socket: \(error)"
        case .tooManyWaiting: "too many connections wait for the server's start"
        case .serverClosed: "the server is closed, or has no clients of its own"
        }
    }
}
