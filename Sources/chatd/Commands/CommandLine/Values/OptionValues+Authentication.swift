import Actors
import ChatApplication
import Transport

/// Options for who may enter.
extension OptionValues {
    /// The options `--auth` and those whose names begin with it.
    /// - Throws: ``UsageError`` for an option that has no effect, and for a file without valid keys.
    func authentication() throws(UsageError) -> ChatAuthentication {
        guard try word("auth", of: ["none", "token"]) == "token" else {
            for name in ["auth-keys", "auth-audience", "auth-cookie"] where optionalText(name) != nil {
                throw UsageError(description: "--\(name) needs --auth token")
            }
            return .none
        }
        guard let path = optionalText("auth-keys") else {
            throw UsageError(description: "--auth token needs --auth-keys FILE")
        }
        let keys: [TokenKey]
        do {
            keys = try TokenKeysFile.read(path)
        } catch {
            throw UsageError(description: "--auth-keys: \(error)")
        }
        let cookie = optionalText("auth-cookie")
        if let cookie, !cookie.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.noCookie.contains($0) }) {
            throw UsageError(description: "--auth-cookie: \"\(cookie)\" is not the name of a cookie")
        }
        return .token(TokenVerifier(keys: keys, audience: optionalText("auth-audience")), cookie: cookie)
    }

    /// The characters that a cookie's name cannot have (RFC 6265, section 4.1.1).
    private static let noCookie = Array("()<>@,;:\\\"/[]?={}".utf8)
}
