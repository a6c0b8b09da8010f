import Transport

/// The reason why an URL is refused. The descriptions have no part of it in which a password could be.
package enum RedisURLError: Error, Equatable, Sendable {
    case badScheme
    /// The scheme demands encryption.
    case encryption
    /// A percent sign without two hexadecimal digits, a zero byte, or text that is not UTF-8.
    case badEncoding
    /// The host with this number, counted from 1.
    case badHost(Int)
    case badPort
    /// What follows the first slash is not the number of a database.
    case badDatabase
    /// The socket's path is empty or too long, or has a host before it.
    case badSocket
    /// A user without a password.
    case missingPassword
    case parameterWithoutValue
    /// The name is nil if it may be a part of a password.
    case unknownParameter(String?)
    /// The parameter has no meaning for an URL of this scheme.
    case inapplicableParameter(String, scheme: String)
    case badValue(parameter: String, expected: String)
}

extension RedisURLError {
    init(_ failure: URLParts.Failure) {
        switch failure {
        case .badScheme: self = .badScheme
        case .badEncoding: self = .badEncoding
        case .badHost(let number): self = .badHost(number)
        }
    }
}

extension RedisURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badScheme:
            "the URL does not begin with redis://, redis-sharded:// or redis-streams://, "
                + "or with one of redis+unix://, redis-sharded+unix:// and redis-streams+unix://"
        case .encryption:
            "encrypted connections (rediss://) are not supported; use redis:// to a local stunnel, which encrypts"
        case .badEncoding:
            "the URL has a percent sign without two hexadecimal digits after it, or a part that is not UTF-8 text"
        case .badHost(let number):
            "host \(number) of the URL is empty or malformed; an IPv6 address needs brackets, "
                + "and the characters / ? @ : , in a user or password must be percent-encoded"
        case .badPort:
            "a port of the URL is not a number from 1 to 65535; "
                + "the characters / ? @ : , in a user or password must be percent-encoded"
        case .badDatabase:
            "the database of the URL is not a number from 0 to \(RedisURL.maxDatabase); "
                + "the path of a socket needs the scheme redis+unix://"
        case .badSocket:
            "the URL does not have the form redis+unix:///PATH, "
                + "or the path has more than \(RedisURL.maxPathLength) bytes"
        case .missingPassword: "the URL has a user without a password; the form is redis://USER:PASSWORD@HOST"
        case .parameterWithoutValue: "a parameter of the URL has no equals sign"
        case .unknownParameter(let name?): "the URL's parameter \(name) is not supported"
        case .unknownParameter(nil):
            "a parameter of the URL is not supported, or its password has a question mark; "
                + "the characters / ? @ : , in a user or password must be percent-encoded"
        case .inapplicableParameter(let name, let scheme):
            "the URL's parameter \(name) has no meaning for \(scheme)://"
        case .badValue(let parameter, let expected): "the URL's parameter \(parameter) is not \(expected)"
        }
    }
}
