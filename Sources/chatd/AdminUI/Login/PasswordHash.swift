import Persistence
import Transport

/// A password's hash: `pbkdf2-sha256$ROUNDS$SALT$HASH` with the salt and the hash in base64 (PBKDF2, RFC 8018).
struct PasswordHash: Equatable, Sendable, CustomStringConvertible {
    /// The rounds of new hashes. They take more than half a second of one core.
    static let rounds = 600_000
    /// The rounds that are accepted. More would keep a core busy for many seconds.
    static let acceptedRounds = 1000...5_000_000
    /// The longest password, in bytes.
    static let maxPassword = 1024

    private static let scheme = "pbkdf2-sha256"
    private static let saltSize = 16
    private static let acceptedSalt = 8...64

    let rounds: Int
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// Derives the hash of a password. This blocks the thread.
    /// - Parameter salt: random bytes.
    init(of password: [UInt8], rounds: Int = rounds, salt: [UInt8] = randomSalt()) {
        self.rounds = rounds
        self.salt = salt
        hash = HMACSHA256.stretch(password, salt: salt, iterations: rounds)
    }

    /// Parses what ``description`` returns.
    /// - Returns: nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.scheme, (1...7).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let rounds = Int(parts[1]),
            Self.acceptedRounds.contains(rounds), let salt = Base64.decode(Array(parts[2].utf8)),
            Self.acceptedSalt.contains(salt.count), let hash = Base64.decode(Array(parts[3].utf8)), hash.count == 32
        else { return nil }
        self.rounds = rounds
        self.salt = salt
        self.hash = hash
    }

    var description: String {
        "\(Self.scheme)$\(rounds)$\(Base64.encodeToString(salt))$\(Base64.encodeToString(hash))"
    }

    /// True if a password has this hash. This blocks the thread, for a wrong password as long as for the right one.
    func matches(_ password: [UInt8]) -> Bool {
        let derived = HMACSHA256.stretch(password, salt: salt, iterations: rounds)
        return ConstantTime.areEqual(derived, hash)
    }

    private static func randomSalt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<saltSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

/// Comparison of secrets.
enum ConstantTime {
    /// Compares two values in a time that depends on their lengths only.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
