import Transport

/// The reason why an URL is refused. The descriptions have no part of it in which a password could be.
package enum PostgresURLError: Error, Equatable, Sendable {
    case badScheme
    /// A percent sign without two hexadecimal digits, a zero byte, or text that is not UTF-8.
    case badEncoding
    /// The host with this number, counted from 1.
    case badHost(Int)
    case badPort
    /// The number of ports is neither one nor the number of hosts.
    case portCount
    case missingUser
    case parameterWithoutValue
    /// The name is nil if it may be a part of a password.
    case unknownParameter(String?)
    case badValue(parameter: String, expected: String)
    /// The `sslmode` demands encryption.
    case encryption
    /// The password file cannot be used.
    case badPasswordFile(path: String, reason: String)
}

extension PostgresURLError {
    init(_ failure: URLParts.Failure) {
        switch failure {
        case .badScheme: self = .badScheme
        case .badEncoding: self = .badEncoding
        case .badHost(let number): self = .badHost(number)
        }
    }
}

extension PostgresURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badScheme: "the URL does not begin with postgres:// or postgresql://"
        case .badEncoding:
            "the URL has a percent sign without two hexadecimal digits after it, or a part that is not UTF-8 text"
        case .badHost(let number):
            "host \(number) of the URL is malformed; an IPv6 address needs brackets, "
                + "and the characters / ? @ : , in a user or password must be percent-encoded"
        case .badPort:
            "a port of the URL is not a number from 1 to 65535; "
                + "the characters / ? @ : , in a user or password must be percent-encoded"
        case .portCount: "the URL has neither one port nor one for each host"
        case .missingUser: "the URL has no user, and PGUSER is not set"
        case .parameterWithoutValue: "a parameter of the URL has no equals sign"
        case .unknownParameter(let name?): "the URL's parameter \(name) is not supported"
        case .unknownParameter(nil):
            "a parameter of the URL is not supported, or its password has a question mark; "
                + "the characters / ? @ : , in a user or password must be percent-encoded"
        case .badValue(let parameter, let expected): "the URL's parameter \(parameter) is not \(expected)"
        case .encryption: "the URL's sslmode is not disable, allow or prefer: encrypted connections are not supported"
        case .badPasswordFile(let path, let reason): "the password file \(path) cannot be used: \(reason)"
        }
    }
}
