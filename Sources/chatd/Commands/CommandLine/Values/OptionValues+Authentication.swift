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
            // A key in the place of the file's name is not repeated.
            guard !path.hasPrefix("base64:"), path.hasPrefix("/") || path.utf8.count < TokenKey.minSecret else {
                throw self.error("auth-keys", "the file cannot be used; give its name, not a key")
            }
            throw self.error("auth-keys", "\(error)")
        }
    }

    /// The options `--auth` and those whose names begin with it.
    /// - Parameters:
    ///   - file: the file with the keys.
    ///   - origins: the pages that may connect.
    /// - Throws: ``UsageError`` for an option that has no effect, or that is missing, and for a cookie that every page
    ///   could use.
    func authentication(_ file: TokenKeysFile?, origins: OriginPolicy) throws(UsageError) -> ChatAuthentication {
        let way = text("auth")
        for name in ["auth-keys", "auth-audience", "auth-cookie"] where optionalText(name) != nil && way != "token" {
            throw error(name, "this needs --auth token", others: ["auth"])
        }
        let timeout = try milliseconds("auth-timeout", in: 10...600_000)
        let concurrency = try integer("auth-concurrency", in: 1...1024)
        let maxRooms = try integer("max-rooms", in: 0...10_000)
        switch way {
        case "none": return .none
        case "token": return try tokens(file, maxRooms: maxRooms, origins: origins)
        default:
            try refuseEveryPage(origins, with: "an address in --auth")
            return .endpoint(
                try endpoint(way, timeout: timeout, concurrency: concurrency, maxRooms: maxRooms))
        }
    }

    /// - Parameter source: the option by which cookies say who a client is.
    private func refuseEveryPage(_ origins: OriginPolicy, with source: String) throws(UsageError) {
        guard origins.allowsEveryPage else { return }
        throw error(
            "cors-origin",
            "with \(source), * and null would let any page that a user visits connect with the user's cookie, and read "
                + "and write as that user; list the origins of your pages")
    }

    private func endpoint(
        _ url: String, timeout: Duration, concurrency: Int, maxRooms: Int
    ) throws(UsageError) -> HTTPIdentityProvider {
        do throws(HTTPIdentityProvider.InvalidURL) {
            return try HTTPIdentityProvider(
                url: url, timeout: timeout, maxRequests: concurrency, maxRooms: maxRooms,
                report: LogReports.identityFailed)
        } catch {
            // The value is not repeated: it may be a token or a key, put in the wrong place.
            throw self.error("auth", "the value is neither none nor token nor a URL: \(error)")
        }
    }

    private func tokens(
        _ file: TokenKeysFile?, maxRooms: Int, origins: OriginPolicy
    ) throws(UsageError) -> ChatAuthentication {
        guard let keys = file?.keys else { throw error("auth", "token needs --auth-keys FILE", others: ["auth-keys"]) }
        let cookie = optionalText("auth-cookie")
        if let cookie, !cookie.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.noCookie.contains($0) }) {
            throw error("auth-cookie", "the value is not the name of a cookie")
        }
        if cookie != nil { try refuseEveryPage(origins, with: "--auth-cookie") }
        return .token(
            TokenVerifier(
                keys: keys, audience: optionalText("auth-audience"),
                maxRooms: maxRooms), cookie: cookie)
    }

    /// The characters that a cookie's name cannot have (RFC 6265, section 4.1.1).
    private static let noCookie = Array("()<>@,;:\\\"/[]?={}".utf8)
}

extension OriginPolicy {
    /// True if a page of any site may connect. A sandboxed page of any site has the origin `null`.
    fileprivate var allowsEveryPage: Bool {
        switch self {
        case .any: true
        case .sameHostAnd(let origins): origins.contains(.null)
        default: false
        }
    }
}
