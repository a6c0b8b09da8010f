import Persistence
import Transport

/// Makes and checks the session ids with which a dashboard reconnects without the password.
///
/// An id is 128 random bits and the time of its end, with a code that only the processes of this server can make. So
/// every worker accepts it, no worker has to remember it, and it ends with the server. A new hash of the password ends
/// it too.
struct AdminUISessions: Sendable {
    /// How long a session id is valid.
    static let lifetime = Duration.seconds(24 * 3600)
    /// The size of the random part, in bytes.
    private static let randomSize = 16
    private static let timeSize = 8
    private static let size = randomSize + timeSize + 32

    private let hmac: HMACSHA256

    /// - Parameters:
    ///   - key: random bytes, the same in each process of the server.
    ///   - account: the account that the sessions are of.
    init(key: [UInt8], account: AdminUIAccount) {
        let own = HMACSHA256(key: key).code(of: Array("\(account.name):\(account.hash)".utf8))
        hmac = HMACSHA256(key: own)
    }

    /// Makes a session id.
    /// - Parameter now: the time since 1970.
    func makeID(at now: Duration) -> String {
        var generator = SystemRandomNumberGenerator()
        let end = UInt64(max(0, (now + Self.lifetime) / .seconds(1)))
        var bytes = (0..<Self.randomSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes += (0..<Self.timeSize).map { UInt8(truncatingIfNeeded: end >> (56 - 8 * $0)) }
        return Base64.encodeToString(bytes + hmac.code(of: bytes))
    }

    /// The end of an id that ``makeID(at:)`` has made, since 1970; nil for another id, and for one that has ended.
    func end(of id: String, at now: Duration) -> Duration? {
        guard id.utf8.count <= 2 * Self.size, let bytes = Base64.decode(Array(id.utf8)), bytes.count == Self.size
        else { return nil }
        let content = Array(bytes[..<(Self.randomSize + Self.timeSize)])
        guard ConstantTime.areEqual(hmac.code(of: content), Array(bytes[content.count...])) else { return nil }
        let seconds = content[Self.randomSize...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let end = Duration.seconds(Int64(clamping: seconds))
        return now < end ? end : nil
    }
}
