import Actors
import Transport

/// Who may enter the chat.
package enum ChatAuthentication: Sendable {
    /// Everybody.
    case none
    /// Clients with a token.
    /// - Parameter cookie: the name of the cookie that has the token if `auth` has none; nil for none.
    case token(TokenVerifier, cookie: String?)

    /// True if the headers of the request that opened the connection are needed.
    package var readsHeaders: Bool {
        if case .token(_, let cookie) = self { cookie != nil } else { false }
    }

    func install(on namespace: Namespace) {
        guard case .token(let verifier, let cookie) = self else { return }
        namespace.identify { handshake in
            let token = handshake.auth?["token"]?.string ?? cookie.flatMap { Self.cookie($0, of: handshake) }
            do throws(TokenError) {
                return try verifier.identity(of: token, at: handshake.issued)
            } catch {
                throw error.connectError
            }
        }
        namespace.onConnection { socket in socket.joinIdentityRooms() }
    }

    /// The value of a cookie (RFC 6265, section 4.2.1).
    private static func cookie(_ name: String, of handshake: Handshake) -> String? {
        for pair in (handshake.headers["Cookie"] ?? "").split(separator: ";") {
            let pair = pair.drop { $0 == " " }
            if pair.hasPrefix("\(name)=") { return String(pair.dropFirst(name.count + 1)) }
        }
        return nil
    }
}
