import Actors
import Transport

/// Who may enter the chat.
package enum ChatAuthentication: Sendable {
    /// Everybody.
    case none
    /// Clients with a token.
    /// - Parameter cookie: the name of the cookie that has the token if `auth` has none; nil for none.
    case token(TokenVerifier, cookie: String?)
    /// Clients that an HTTP service of the operator accepts.
    case endpoint(HTTPIdentityProvider)

    /// True if the headers of the request that opened the connection are needed.
    package var readsHeaders: Bool {
        switch self {
        case .none: false
        case .token(_, let cookie): cookie != nil
        case .endpoint: true
        }
    }

    func install(on namespace: Namespace) {
        switch self {
        case .none: return
        case .token(let verifier, let cookie):
            namespace.identify { handshake in
                let token = handshake.auth?["token"]?.string ?? cookie.flatMap { Self.cookie($0, of: handshake) }
                do throws(TokenError) {
                    return try verifier.identity(of: token, at: handshake.issued)
                } catch {
                    throw error.connectError
                }
            }
        case .endpoint(let provider):
            namespace.identify { handshake async throws in try await provider.identity(of: handshake) }
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
