import Persistence

/// Verifies JSON Web Tokens (RFC 7519) that are signed with HMAC-SHA-256 (`HS256`). Every other algorithm is refused.
///
/// The claim `sub` is the identity, and must be a text of 1 to 256 bytes. `name` is a text, `rooms` an array of texts;
/// `exp` and `nbf` are times in seconds since 1970.
public struct TokenVerifier: Sendable {
    /// The largest token, in bytes.
    public static let maxToken = 8 << 10
    /// The largest `sub` in bytes. A longer `name` is cut after so many bytes.
    public static let maxID = IdentityMembers.maxID
    /// The difference between the clocks of the server and of the token's issuer that is tolerated.
    static let leeway = Duration.seconds(5)

    private let keys: [TokenKey]
    private let audience: String?
    private let maxRooms: Int

    /// Creates a verifier.
    /// - Parameters:
    ///   - keys: the keys of which one must have signed a token. Several allow to replace a key: add the new one, sign
    ///     with it, and remove the old one later.
    ///   - audience: what the token's `aud` must name. Nil accepts only tokens without `aud`.
    ///   - maxRooms: the largest number of rooms of a token. One with more is malformed.
    public init(keys: [TokenKey], audience: String? = nil, maxRooms: Int = 100) {
        self.keys = keys
        self.maxRooms = maxRooms
        self.audience = audience
    }

    /// The identity that a token proves.
    /// - Parameters:
    ///   - token: the token in its compact form; nil if the client has sent none.
    ///   - now: the time since 1970.
    public func identity(of token: String?, at now: Duration) throws(TokenError) -> ClientIdentity {
        guard let token, !token.isEmpty else { throw .missing }
        guard token.utf8.count <= Self.maxToken else { throw .malformed }
        let parts = Array(token.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        let header = try Self.object(parts[0])
        guard header["alg"]?.isString("HS256") == true, header["crit"] == nil else { throw .malformed }
        // The claims are not read before the signature is verified.
        let signed = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
        guard try candidates(header["kid"]).contains(where: { Self.signs($0, signed, signature) }) else {
            throw .signature
        }
        let claims = try Self.object(parts[1])
        try check(claims, at: now)
        return try identity(claims)
    }

    /// The keys that may have signed a token.
    private func candidates(_ kid: JSONText?) throws(TokenError) -> [TokenKey] {
        guard let kid else { return keys }
        guard let id = kid.string else { throw .malformed }
        let named = keys.filter { $0.id == id }
        // Keys without a name may have signed any token.
        return named.isEmpty ? keys.filter { $0.id == nil } : named
    }

    private func check(_ claims: JSONText, at now: Duration) throws(TokenError) {
        if let expires = try Self.time(claims["exp"]), now >= expires + Self.leeway { throw .expired }
        if let start = try Self.time(claims["nbf"]), now + Self.leeway < start { throw .notYetValid }
        let named = claims["aud"].map { $0.elements ?? [$0] }
        switch (audience, named) {
        case (nil, nil): return
        case (let audience?, let named?) where named.contains(where: { $0.isString(audience) }): return
        default: throw .audience
        }
    }

    private func identity(_ claims: JSONText) throws(TokenError) -> ClientIdentity {
        guard let id = claims["sub"]?.string, IdentityMembers.isID(id) else { throw .malformed }
        let expires = try Self.time(claims["exp"])
        do throws(IdentityMembers.Malformed) {
            let rooms = try IdentityMembers.texts(
                claims["rooms"], atMost: maxRooms, maxText: IdentityMembers.maxRoom)
            return ClientIdentity(
                id: id, name: try IdentityMembers.name(claims["name"]), expires: expires.map { $0 + Self.leeway },
                rooms: rooms ?? [], claims: claims)
        } catch {
            throw .malformed
        }
    }

    /// The time since 1970 of a claim with seconds.
    private static func time(_ value: JSONText?) throws(TokenError) -> Duration? {
        do throws(IdentityMembers.Malformed) {
            return try IdentityMembers.time(value)
        } catch {
            throw .malformed
        }
    }

    private static func object(_ text: ArraySlice<UInt8>) throws(TokenError) -> JSONText {
        guard let bytes = Base64URL.decode(text), String(validating: bytes, as: UTF8.self) != nil,
            let value = try? JSONText(validating: bytes), value.kind == .object
        else { throw .malformed }
        return value
    }

    /// True if the signature is the key's. The time does not depend on the first difference.
    private static func signs(_ key: TokenKey, _ text: [UInt8], _ signature: [UInt8]) -> Bool {
        let code = HMACSHA256(key: key.secret).code(of: text)
        guard code.count == signature.count else { return false }
        return zip(code, signature).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
