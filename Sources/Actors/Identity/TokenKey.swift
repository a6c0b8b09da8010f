/// A secret with which tokens are signed.
public struct TokenKey: Sendable {
    /// The smallest secret, in bytes (RFC 7518, section 3.2).
    public static let minSecret = 32

    /// The name that a token's `kid` has; nil if no token names the key.
    public let id: String?
    let secret: [UInt8]

    /// Creates a key.
    /// - Parameters:
    ///   - id: the name that a token's `kid` has; nil if no token names the key.
    ///   - secret: the secret.
    /// - Returns: nil if the secret has fewer than ``minSecret`` bytes.
    public init?(id: String? = nil, secret: [UInt8]) {
        guard secret.count >= Self.minSecret else { return nil }
        self.id = id
        self.secret = secret
    }
}
