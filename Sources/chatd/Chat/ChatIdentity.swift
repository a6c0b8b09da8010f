import Actors
import Persistence

/// The parts of a client's `auth` that the chat uses: `details: 1` asks for details of each message, and `identity` is
/// a secret of the client. Invalid values are ignored.
enum ChatIdentity {
    private static let secretLength = 16...128
    /// UTF-8 has at most four bytes per character.
    private static let maxSecretBytes = 4 * secretLength.upperBound
    private static let authorLength = 32

    /// - Parameter handshake: a client's; its identity is the author, if it has one.
    static func profile(of handshake: Handshake) -> MessageProfile {
        let auth = handshake.auth
        return MessageProfile(
            form: auth?["details"]?.integer == 1 ? .detailed : .plain,
            author: handshake.identity.map { Array($0.id.utf8) } ?? auth?["identity"].flatMap(author),
            readsHistory: ChatAction.history.isAllowed(to: handshake.identity))
    }

    /// The first digits of the secret's SHA-256. A client that knows only them cannot write as the secret's owner.
    private static func author(of identity: JSONText) -> [UInt8]? {
        guard let secret = identity.utf8String(), secret.count <= maxSecretBytes,
            secretLength.contains(String(decoding: secret, as: UTF8.self).unicodeScalars.count)
        else { return nil }
        return Array(SHA256.hexadecimal(secret).prefix(authorLength))
    }
}
