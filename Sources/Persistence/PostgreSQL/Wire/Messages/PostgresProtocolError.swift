/// The reason why a connection cannot be used any more: what the server sent, or what it asked for. The description is
/// one line for the operator.
package enum PostgresProtocolError: Error, Equatable, Sendable {
    /// No message begins with this byte.
    case unknownMessage(UInt8)
    /// The message is not allowed in this phase.
    case unexpectedMessage(String)
    /// The length is impossible for the message, or over the limit.
    case badLength(String, Int)
    /// The fields of the message do not have their form.
    case malformedMessage(String)
    /// A statement copies data in or out.
    case copying
    /// The rows of a result need more memory than the limit in bytes.
    case resultTooLarge(limit: Int)
    /// The server reports more settings than the limit.
    case tooManySettings(limit: Int)
    /// The server asks for a method of authentication that is not available.
    case unsupportedAuthentication(String)
    /// The server asks for a password, and none is known.
    case passwordMissing
    /// The server's part of SCRAM is not acceptable.
    case badChallenge(String)
    /// The server has not proved that it knows the password.
    case serverUnproven
}

extension PostgresProtocolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownMessage(let kind):
            "the server does not speak PostgreSQL's protocol: no message begins with byte \(kind)"
        case .unexpectedMessage(let kind): "the server sent an unexpected message (\(kind))"
        case .badLength(let kind, let length): "the server sent a message of impossible length \(length) (\(kind))"
        case .malformedMessage(let kind): "the server sent a malformed message (\(kind))"
        case .copying: "the statement copies data, which is not supported"
        case .resultTooLarge(let limit): "the result needs more than \(limit) bytes"
        case .tooManySettings(let limit): "the server reports more than \(limit) settings"
        case .unsupportedAuthentication(let method):
            "the server asks for an authentication that is not supported (\(method)); "
                + "supported are trust, password, md5 and scram-sha-256"
        case .passwordMissing: "the server asks for a password, and none is given"
        case .badChallenge(let reason): "the server's SCRAM challenge is not acceptable: \(reason)"
        case .serverUnproven: "the server did not prove that it knows the password"
        }
    }
}
