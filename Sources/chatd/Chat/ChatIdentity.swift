import Actors
import Persistence

/// What a client says of itself in its `auth`: `details: 1` when it wants to know of each message what is known, and
/// `identity`, a secret of its own. Anything else there counts as not sent.
enum ChatIdentity {
    private static let secretLength = 16...128
    /// No character has more bytes.
    private static let maxSecretBytes = 4 * secretLength.upperBound
    private static let authorLength = 32

    static func profile(of auth: JSONText?) -> MessageProfile {
        MessageProfile(
            form: auth?[member: "details"]?.integer == 1 ? .detailed : .plain,
            author: auth?[member: "identity"].flatMap(author))
    }

    /// The first digits of the secret's SHA-256: whoever knows them still cannot write as its owner.
    private static func author(of identity: JSONText) -> [UInt8]? {
        guard let secret = identity.utf8String(), secret.count <= maxSecretBytes,
            secretLength.contains(String(decoding: secret, as: UTF8.self).unicodeScalars.count)
        else { return nil }
        return Array(SHA256.hexadecimal(secret).prefix(authorLength))
    }
}
