import Transport

/// Hides secrets in what is logged and printed.
enum Secrets {
    /// Stands for a secret.
    private static let stars = "***"

    /// The value of an option without secrets.
    static func masked(_ value: String, of option: CommandOption) -> String {
        option.isSecret && !value.isEmpty ? stars : masked(value)
    }

    /// A text that may contain one URL, without the URL's password and the value of its parameter `password`.
    ///
    /// The URL may be malformed. If a text between a colon and an at sign can be a password, it is hidden.
    static func masked(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let (start, rest) = (text[..<scheme.upperBound], text[scheme.upperBound...])
        guard let password = password(in: rest) else { return start + withoutPasswordParameter(rest) }
        return start + rest[..<password.lowerBound] + stars + withoutPasswordParameter(rest[password.upperBound...])
    }

    /// The place of the password; nil if there is none.
    private static func password(in rest: Substring) -> Range<Substring.Index>? {
        let authority = rest.prefix { !"/?#".contains($0) }
        guard let colon = authority.firstIndex(of: ":") else { return nil }
        let start = authority.index(after: colon)
        if let at = authority.lastIndex(of: "@") { return start <= at ? start..<at : nil }
        // The colon is before a port, or the authority ends inside a password that has one of the characters /?#.
        let isPort = authority[start...].utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !isPort, let at = rest.lastIndex(of: "@") else { return nil }
        return start..<at
    }

    private static func withoutPasswordParameter(_ rest: Substring) -> String {
        guard let mark = rest.firstIndex(of: "?") else { return String(rest) }
        let parameters = rest[rest.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let masked = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            let decoded = PercentEncoding.decode(Array(name.utf8)[...])
            return decoded == "password" ? name + "=" + stars : String(parameter)
        }
        return rest[...mark] + masked.joined(separator: "&")
    }
}
