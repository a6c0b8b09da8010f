import Testing
import Transport

@testable import chatd

@Suite("Password hashes")
struct PasswordHashTests {
    @Test(
        "a password matches the hash that another implementation derived, and no other does",
        arguments: [
            ("password", "saltsalt", 1500, "wJnTxvh5FkdT4c3BznpGEr6hUwWsZzQmAgJulyHzFKg="),
            ("pass$word", "12345678901234567890123456789012", 1000, "fic55RYpV0VBABRTNdypfebeh00uSzt2l21wcN7Brj8="),
        ])
    func keys(password: String, salt: String, rounds: Int, key: String) throws {
        let text = "pbkdf2-sha256$\(rounds)$\(Base64.encodeToString(Array(salt.utf8)))$\(key)"
        let hash = try #require(PasswordHash(text))
        #expect(hash.description == text && hash.rounds == rounds)
        #expect(hash == PasswordHash(of: Array(password.utf8), rounds: rounds, salt: Array(salt.utf8)))
        #expect(hash.matches(Array(password.utf8)))
        for other in ["", "Password", "password ", "passwore"] { #expect(!hash.matches(Array(other.utf8))) }
    }

    @Test("the standard number of rounds is that of the OWASP cheat sheet for password storage")
    func rounds() {
        #expect(PasswordHash.rounds == 600_000 && HashPasswordCommand.rounds.defaultValue == "600000")
    }

    @Test("a new hash has its own salt")
    func ownSalt() {
        let hashes = (0..<3).map { _ in PasswordHash(of: Array("a".utf8), rounds: 1000).description }
        #expect(Set(hashes).count == 3)
    }

    static let salt = "c2FsdHNhbHQ="
    static let key = Base64.encodeToString([UInt8](repeating: 7, count: 32))

    @Test(
        "other texts are no hashes",
        arguments: [
            "", "$$$", "pbkdf2-sha256", "pbkdf2-sha256$600000$\(salt)", "pbkdf2-sha512$600000$\(salt)$\(key)",
            "pbkdf2-sha256$600000$\(salt)$\(key)$", "pbkdf2-sha256$$\(salt)$\(key)", "pbkdf2-sha256$999$\(salt)$\(key)",
            "pbkdf2-sha256$+600000$\(salt)$\(key)", "pbkdf2-sha256$99999999$\(salt)$\(key)",
            "pbkdf2-sha256$5000001$\(salt)$\(key)", "pbkdf2-sha256$600000$c2FsdA==$\(key)",
            "pbkdf2-sha256$600000$\(salt)$\(salt)", "pbkdf2-sha256$600000$?$\(key)", "pbkdf2-sha256$600000$\(salt)$?",
        ])
    func malformed(text: String) {
        #expect(PasswordHash(text) == nil)
    }
}
