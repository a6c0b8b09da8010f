import Actors
import ChatApplication
import Transport

/// Options for who may enter.
extension OptionValues {
    /// The file with the keys of tokens, as the primary process has read it, or else read now; nil without
    /// `--auth token`.
    /// - Throws: ``UsageError`` for a file without valid keys.
    func tokenKeys() throws(UsageError) -> TokenKeysFile? {
        guard text("auth") == "token", let path = optionalText("auth-keys") else { return nil }
        do {
            if let passedKeys { return try TokenKeysFile(text: passedKeys, path: path) }
            return try TokenKeysFile(path: path)
        } catch {
            throw UsageError(description: "--auth-keys: \(error)")
        }
    }

    /// The options `--auth` and those whose names begin with it.
    /// - Parameter file: the file with the keys.
    /// - Throws: ``UsageError`` for an option that has no effect, or that is missing.
    func authentication(_ file: TokenKeysFile?) throws(UsageError) -> ChatAuthentication {
        guard try word("auth", of: ["none", "token"]) == "token" else {
            for name in ["auth-keys", "auth-audience", "auth-cookie"] where optionalText(name) != nil {
                throw UsageError(description: "--\(name) needs --auth token")
            }
            return .none
        }
        guard let keys = file?.keys else { throw UsageError(description: "--auth token needs --auth-keys FILE") }
        let cookie = optionalText("auth-cookie")
        if let cookie, !cookie.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.noCookie.contains($0) }) {
            throw UsageError(description: "--auth-cookie: \"\(cookie)\" is not the name of a cookie")
        }
        return .token(TokenVerifier(keys: keys, audience: optionalText("auth-audience")), cookie: cookie)
    }

    /// The characters that a cookie's name cannot have (RFC 6265, section 4.1.1).
    private static let noCookie = Array("()<>@,;:\\\"/[]?={}".utf8)
}
