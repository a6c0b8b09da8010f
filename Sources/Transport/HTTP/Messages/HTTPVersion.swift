/// The protocol versions this server speaks (RFC 9112, section 2.3).
public enum HTTPVersion: Sendable, Equatable {
    case http10
    case http11
}
