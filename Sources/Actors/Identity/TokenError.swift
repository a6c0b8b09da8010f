/// The reason why a token does not prove an identity. The raw value is the code that the client gets.
public enum TokenError: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    /// The client has sent no token.
    case missing
    /// The text is no token of this kind: not three parts of base64url, not JSON, another algorithm than HS256, or a
    /// claim of another type than it must have.
    case malformed
    /// The signature was not made with one of the keys.
    case signature
    /// The time in `exp` has passed.
    case expired
    /// The time in `nbf` has not come yet.
    case notYetValid
    /// The token is for another audience than this server.
    case audience

    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .missing: "it has no token"
        case .malformed: "its token is malformed"
        case .signature: "its token is signed with no known key"
        case .expired: "its token has expired"
        case .notYetValid: "its token is not valid yet"
        case .audience: "its token is for another audience"
        }
    }

    /// The rejection of the client, with `{"reason": …}`.
    public var connectError: ConnectError {
        ConnectError("unauthorized", data: JSONText(object: [("reason", JSONText(string: rawValue))]))
    }
}
