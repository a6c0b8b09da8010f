import Persistence
import Testing
import Transport

@testable import Actors

@Suite("JSON Web Tokens")
struct TokenVerifierTests {
    static let now = Duration.seconds(1_800_000_000)
    static let secret = Array("a secret of at least 32 bytes, really".utf8)

    static func key(_ id: String? = nil, _ secret: [UInt8] = secret) throws -> TokenKey {
        try #require(TokenKey(id: id, secret: secret))
    }

    static func encode(_ bytes: [UInt8]) -> String {
        Base64.encodeToString(bytes).filter { $0 != "=" }
            .map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }.joined()
    }

    static func token(
        _ claims: String, header: String = #"{"alg":"HS256","typ":"JWT"}"#, secret: [UInt8] = secret
    ) -> String {
        let signed = "\(encode(Array(header.utf8))).\(encode(Array(claims.utf8)))"
        return "\(signed).\(encode(HMACSHA256(key: secret).code(of: Array(signed.utf8))))"
    }

    static func reason(_ token: String?, audience: String? = nil) throws -> TokenError? {
        let verifier = TokenVerifier(keys: [try key()], audience: audience)
        do throws(TokenError) {
            _ = try verifier.identity(of: token, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test("the token of RFC 7515, appendix A.1, is verified")
    func example() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let secret = try #require(Base64URL.decode(Array(key.utf8)[...]))
        let verifier = TokenVerifier(keys: [try Self.key(nil, secret)])
        // Its signature is right, and it has expired in 2011.
        #expect(throws: TokenError.expired) { try verifier.identity(of: token, at: Self.now) }
        #expect(throws: TokenError.malformed) { try verifier.identity(of: token, at: .seconds(1_300_000_000)) }
    }

    @Test("a token proves an identity")
    func identity() throws {
        let claims = #"{"sub":"42","name":"Ada","exp":1800000060,"nbf":1799999000,"rooms":["a","b"],"role":"x"}"#
        let identity = try TokenVerifier(keys: [try Self.key()]).identity(of: Self.token(claims), at: Self.now)
        #expect(identity.id == "42" && identity.name == "Ada" && identity.rooms == ["a", "b"])
        #expect(identity.expires == .seconds(1_800_000_065))
        #expect(identity.claims?["role"]?.string == "x")
    }

    @Test(
        "a token with more rooms than it may name is refused",
        arguments: [(0, false), (2, false), (3, true), (9, true)])
    func rooms(limit: Int, isAccepted: Bool) throws {
        let verifier = TokenVerifier(keys: [try Self.key()], maxRooms: limit)
        let token = Self.token(#"{"sub":"42","rooms":["a","b","c"]}"#)
        let identity = try? verifier.identity(of: token, at: Self.now)
        #expect((identity?.rooms == ["a", "b", "c"]) == isAccepted && (identity == nil) != isAccepted)
    }

    @Test(
        "a token that proves nothing is refused",
        arguments: [
            (nil, .missing), ("", .missing), ("a", .malformed), ("a.b", .malformed), ("a.b.c.d", .malformed),
            (token(#"{"sub":"1"}"#) + "=", .malformed), (token(#"{"sub":"1"}"#) + "A", .signature),
            (token("[]"), .malformed), (token("{"), .malformed), (token(#"{"sub":1}"#), .malformed),
            (token(#"{"sub":""}"#), .malformed), (token("{}"), .malformed), (token(#"{"sub":"a\u0000"}"#), .malformed),
            (token(#"{"sub":"\#(String(repeating: "x", count: 257))"}"#), .malformed),
            (token(#"{"sub":"1","name":5}"#), .malformed), (token(#"{"sub":"1","rooms":"a"}"#), .malformed),
            (token(#"{"sub":"1","rooms":[""]}"#), .malformed), (token(#"{"sub":"1","exp":"soon"}"#), .malformed),
            (token(#"{"sub":"1","exp":-1}"#), .malformed), (token(#"{"sub":"1","exp":1e300}"#), .malformed),
            (token(#"{"sub":"1","exp":1799999995}"#), .expired), (token(#"{"sub":"1","exp":0}"#), .expired),
            (token(#"{"sub":"1","nbf":1800000006}"#), .notYetValid), (token(#"{"sub":"1","aud":"me"}"#), .audience),
            (token(#"{"sub":"1"}"#, header: #"{"alg":"none"}"#), .malformed),
            (token(#"{"sub":"1"}"#, header: #"{"alg":"HS512"}"#), .malformed),
            (token(#"{"sub":"1"}"#, header: #"{"alg":"hs256"}"#), .malformed),
            (token(#"{"sub":"1"}"#, header: #"{"alg":"HS256","crit":["exp"]}"#), .malformed),
            (token(#"{"sub":"1"}"#, header: #"{"alg":"HS256","kid":1}"#), .malformed),
            (token(#"{"sub":"1"}"#, header: "{}"), .malformed),
            (token(#"{"sub":"1"}"#, secret: Array(String(repeating: "x", count: 32).utf8)), .signature),
            (encode(Array(#"{"alg":"none"}"#.utf8)) + "." + encode(Array(#"{"sub":"1"}"#.utf8)) + ".", .malformed),
            (String(repeating: "a", count: TokenVerifier.maxToken + 1), .malformed),
        ] as [(String?, TokenError)])
    func refused(token: String?, reason: TokenError) throws {
        #expect(try Self.reason(token) == reason)
    }

    @Test("a clock may differ by five seconds")
    func leeway() throws {
        #expect(try Self.reason(Self.token(#"{"sub":"1","exp":1799999996,"nbf":1800000005}"#)) == nil)
    }

    @Test(
        "the audience is a text or one of an array",
        arguments: [
            (#""chat""#, "chat", true), (#"["other","chat"]"#, "chat", true), (#""other""#, "chat", false),
            ("[]", "chat", false), (nil, "chat", false), (#"{"chat":1}"#, "chat", false), (#""chat""#, nil, false),
        ] as [(String?, String?, Bool)])
    func audience(claim: String?, audience: String?, isAccepted: Bool) throws {
        let token = Self.token(#"{"sub":"1"\#(claim.map { #","aud":\#($0)"# } ?? "")}"#)
        #expect((try Self.reason(token, audience: audience) == nil) == isAccepted)
    }

    @Test("every changed character of a token is noticed")
    func tampering() throws {
        let token = Array(Self.token(#"{"sub":"1"}"#))
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(try Self.reason(String(changed)) != nil, "character \(index)")
        }
    }

    @Test("a key that a token names signs alone; otherwise any key may")
    func rotation() throws {
        let (old, new) = (Array(String(repeating: "o", count: 32).utf8), Array(String(repeating: "n", count: 32).utf8))
        let verifier = TokenVerifier(keys: [try Self.key("old", old), try Self.key("new", new)])
        func accepts(_ kid: String?, _ secret: [UInt8]) -> Bool {
            let header = #"{"alg":"HS256"\#(kid.map { #","kid":"\#($0)""# } ?? "")}"#
            let token = Self.token(#"{"sub":"1"}"#, header: header, secret: secret)
            return (try? verifier.identity(of: token, at: Self.now)) != nil
        }
        #expect(accepts("old", old) && accepts("new", new) && accepts(nil, old) && accepts(nil, new))
        #expect(!accepts("old", new) && !accepts("new", old) && !accepts("other", old))
    }

    @Test("random texts are refused")
    func fuzz() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("eyJ.-_AZaz09=+/{}\"")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...120, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                })
            #expect(try Self.reason(text) != nil)
        }
    }

    @Test("a short secret is no key")
    func shortSecret() {
        #expect(TokenKey(secret: Array(repeating: 1, count: 31)) == nil)
    }
}
