import Transport

/// Hides secrets in what is logged and printed.
enum Secrets {
    /// Stands for a secret.
    private static let stars = "***"
    /// The parameters of a URL whose values are secrets, in lower case.
    private static let secretParameters: Set<String> = [
        "access_token", "api_key", "apikey", "key", "password", "secret", "token",
    ]

    /// The value of an option without secrets.
    static func masked(_ value: String, of option: CommandOption) -> String {
        option.isSecret && !value.isEmpty ? stars : masked(value)
    }

    /// A text that may contain URLs, without the URLs' passwords and the values of parameters such as `token`. The
    /// user of a URL with `http` is hidden too if there is no password, because it may be a key.
    ///
    /// A URL may be malformed. If a text between a colon and an at sign can be a password, it is hidden, also without
    /// `://`. The password of the first URL may contain spaces.
    static func masked(_ text: String) -> String {
        maskedURL(text[...]).split(separator: " ", omittingEmptySubsequences: false).map { word in
            let isURL = word.contains("://")
            return isURL ? maskedURL(word) : maskedWord(word)
        }.joined(separator: " ")
    }

    private static func maskedURL(_ text: Substring) -> String {
        guard let scheme = text.firstRange(of: "://") else { return String(text) }
        let rest = text[scheme.upperBound...].drop { $0 == "/" }
        let start = text[..<rest.startIndex]
        let isHTTP = ["http", "https"].contains { text[..<scheme.lowerBound].lowercased().hasSuffix($0) }
        guard let password = password(in: rest, orUser: isHTTP) else { return start + withoutSecretParameters(rest) }
        return start + rest[..<password.lowerBound] + stars + withoutSecretParameters(rest[password.upperBound...])
    }

    /// The place of the password; nil if there is none.
    /// - Parameter orUser: true to return the place of the user if there is no password.
    private static func password(in rest: Substring, orUser: Bool) -> Range<Substring.Index>? {
        let authority = rest.prefix { !"/?#".contains($0) }
        if orUser, let at = authority.lastIndex(of: "@"), !authority[..<at].contains(":") {
            return authority.startIndex..<at
        }
        guard let colon = authority.firstIndex(of: ":") else {
            // The user's name may have one of these characters.
            return authority.contains("@") ? nil : loosePassword(in: rest.prefix { !" \"".contains($0) })
        }
        let start = authority.index(after: colon)
        if let at = authority.lastIndex(of: "@") { return start <= at ? start..<at : nil }
        // The colon is before a port, or the authority ends inside a password that has one of the characters /?#.
        let isPort = authority[start...].utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !isPort, let at = rest.lastIndex(of: "@") else { return nil }
        return start..<at
    }

    /// A word that may be a URL without `://`, such as `postgres:/me:pass@host`.
    private static func maskedWord(_ word: Substring) -> String {
        // An address of --listen has no password.
        guard !word.drop(while: { "\"'".contains($0) }).hasPrefix("unix:"), let range = loosePassword(in: word) else {
            return withoutSecretParameters(word)
        }
        return word[..<range.lowerBound] + stars + withoutSecretParameters(word[range.upperBound...])
    }

    /// What can be a password in an address of unknown form: it follows the first colon that is not that of a scheme.
    private static func loosePassword(in text: Substring) -> Range<Substring.Index>? {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let colons = text[..<at].indices.filter { text[$0] == ":" }
        let isOfScheme = { (colon: Substring.Index) in "/\\".contains(text[text.index(after: colon)]) }
        guard let colon = colons.first(where: { !isOfScheme($0) }) ?? colons.first else { return nil }
        let start = text.index(after: colon)
        return start < at ? start..<at : nil
    }

    private static func withoutSecretParameters(_ rest: Substring) -> String {
        guard let mark = rest.firstIndex(of: "?") else { return String(rest) }
        let parameters = rest[rest.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let masked = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            let decoded = PercentEncoding.decode(Array(name.utf8)[...])?.lowercased()
            return decoded.map(secretParameters.contains) == true ? name + "=" + stars : String(parameter)
        }
        return rest[...mark] + masked.joined(separator: "&")
    }
}
