/// HMAC with SHA-256 (RFC 2104), and the key derivation PBKDF2 (RFC 8018, section 5.2) with it.
package struct HMACSHA256 {
    /// The states after the blocks that the key makes of the inner and the outer padding.
    private let inner: [UInt32]
    private let outer: [UInt32]

    package init(key: [UInt8]) {
        let short = key.count > 64 ? SHA256.digest(key) : key
        let block = short + repeatElement(0, count: 64 - short.count)
        inner = SHA256.state(after: block.map { $0 ^ 0x36 })
        outer = SHA256.state(after: block.map { $0 ^ 0x5C })
    }

    /// The authentication code of a message, 32 bytes.
    package func code(of message: [UInt8]) -> [UInt8] {
        SHA256.bytes(of: words(of: message))
    }

    /// Derives a key of 32 bytes from a password. RFC 5802 calls this function `Hi`.
    ///
    /// - Parameter iterations: at least 1. The work is proportional to it.
    package static func stretch(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        let hmac = HMACSHA256(key: password)
        var schedule = [UInt32](repeating: 0, count: 64)
        var code = hmac.words(of: salt + [0, 0, 0, 1])
        var key = code
        for _ in 1..<iterations {
            code = SHA256.words(ofDigest: code, after: hmac.inner, schedule: &schedule)
            code = SHA256.words(ofDigest: code, after: hmac.outer, schedule: &schedule)
            for index in 0..<8 { key[index] ^= code[index] }
        }
        return SHA256.bytes(of: key)
    }

    private func words(of message: [UInt8]) -> [UInt32] {
        let digest = SHA256.bytes(of: SHA256.words(of: message, after: inner, blocks: 1))
        return SHA256.words(of: digest, after: outer, blocks: 1)
    }
}
