import Persistence
import Transport

/// The secret with which the hub knows a session.
///
/// It is the secret that the client presents (`pid`), mixed with the client's identity. So a client with another
/// identity presents the secret of no session, at any worker and any host, and the session is left alone.
enum SessionSecret {
    /// - Parameters:
    ///   - privateID: the secret that the client presents.
    ///   - identity: the client's identity; nil without one, when the hub knows the session by the client's secret.
    static func known(to privateID: SessionID, of identity: ClientIdentity?) -> SessionID {
        guard let identity else { return privateID }
        let digest = SHA256.digest(Array("\(privateID)\0\(identity.id)".utf8))
        // The id has 120 bits: 20 characters of 6 bits.
        var bits = digest.prefix(15).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        var characters: [UInt8] = []
        for _ in 0..<SessionID.length {
            characters.append(SessionID.character(UInt32(truncatingIfNeeded: bits & 63)))
            bits >>= 6
        }
        guard let secret = SessionID(characters: characters) else {
            preconditionFailure("20 characters of the alphabet are an id")
        }
        return secret
    }
}

extension JSONText {
    /// The secret that an `auth` presents; nil if it has none or a malformed one.
    var privateID: SessionID? { self["pid"]?.string.flatMap { SessionID($0) } }
}
