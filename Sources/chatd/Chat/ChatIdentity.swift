import Actors
import Persistence

/// The parts of a client's `auth` that the chat uses: `details: 1` asks for details of each message, `identity` is a
/// secret of the client, and `name` the name that it chose. Invalid values are ignored, except for a ``ChatName``.
enum ChatIdentity {
    private static let secretLength = 16...128
    /// UTF-8 has at most four bytes per character.
    private static let maxSecretBytes = 4 * secretLength.upperBound
    private static let authorLength = 32

    /// - Parameter handshake: a client's; its identity is the author, if it has one.
    static func profile(of handshake: Handshake) -> MessageProfile {
        let auth = handshake.auth
        let isDetailed = auth?["details"]?.integer == 1
        return MessageProfile(
            form: isDetailed ? .detailed : .plain, attribution: attribution(of: handshake, isDetailed: isDetailed),
            readsHistory: ChatAction.history.isAllowed(to: handshake.identity))
    }

    /// A name that the client chose counts only without an identity, which could have no name.
    private static func attribution(of handshake: Handshake, isDetailed: Bool) -> MessageAuthor? {
        if let identity = handshake.identity {
            let name = identity.name.map(ChatName.cleaned)
            return MessageAuthor(id: Array(identity.id.utf8), name: name, isProved: true)
        }
        let auth = handshake.auth
        let name = isDetailed ? try? ChatName(auth?["name"])?.text : nil
        return MessageAuthor(id: auth?["identity"].flatMap(author), name: name)
    }

    /// The first digits of the secret's SHA-256. A client that knows only them cannot write as the secret's owner.
    private static func author(of identity: JSONText) -> [UInt8]? {
        guard let secret = identity.utf8String(), secret.count <= maxSecretBytes,
            secretLength.contains(String(decoding: secret, as: UTF8.self).unicodeScalars.count)
        else { return nil }
        return Array(SHA256.hexadecimal(secret).prefix(authorLength))
    }
}
