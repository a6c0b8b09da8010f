/// The reason why a connection cannot be used any more. The outcome of its open commands is unknown.
package enum RedisFailure: Error, Equatable, Sendable {
    /// The server's bytes cannot be decoded.
    case malformed(RESPError)
    /// The server sent a value that does not answer the command, or that answers none.
    case unexpected(String)
    /// The server does not accept the user, the password, or what the user wants.
    case authentication(RedisError)
    /// The server refused the connection for another reason, for example because it loads its data.
    case refused(RedisError)

    /// True if another attempt may succeed, although nobody changes the configuration.
    package var isRetryable: Bool {
        switch self {
        case .refused(let error): error.isRetryable
        case .malformed, .unexpected, .authentication: false
        }
    }
}

extension RedisFailure: CustomStringConvertible {
    /// One line for the operator.
    package var description: String {
        switch self {
        case .malformed(let error): "\(error)"
        case .unexpected(let what): "the server sent an unexpected value (\(what))"
        case .authentication(let error): "the server does not accept the user: \(error)"
        case .refused(let error): "the server refused the connection: \(error)"
        }
    }
}
