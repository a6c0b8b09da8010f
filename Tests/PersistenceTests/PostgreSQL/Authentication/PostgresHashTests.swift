import Testing

@testable import Persistence

@Suite("Hashes for PostgreSQL's passwords")
struct PostgresHashTests {
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    @Test(
        "MD5 agrees with RFC 1321, appendix A.5",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                "d174ab98d277d9f5a5611c2c9f419d9f"
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"
            ),
        ])
    func md5(message: String, digest: String) {
        #expect(String(decoding: MD5.hexadecimal(Array(message.utf8)), as: UTF8.self) == digest)
    }

    /// These lengths include those at which padding needs another block. The expected digest of all digests comes from
    /// another implementation.
    @Test("the MD5 digests of messages of 0 to 199 bytes are correct")
    func md5Lengths() {
        let digests = (0..<200).map { MD5.hexadecimal([UInt8](repeating: 0x78, count: $0)) }
        let all = String(decoding: MD5.hexadecimal(Array(digests.joined())), as: UTF8.self)
        #expect(all == "0f0e2ac786e6a42eac7e7de3a518cd0c")
    }

    @Test("the raw SHA-256 digest has the bytes of the hexadecimal one")
    func sha256() {
        for message in [[], Array("abc".utf8), [UInt8](repeating: 1, count: 100)] {
            let digits = String(decoding: SHA256.hexadecimal(message), as: UTF8.self)
            #expect(Self.hexadecimal(SHA256.digest(message)) == digits)
        }
    }

    private static let hmacVectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. The key needs "
                    + "to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("HMAC-SHA-256 agrees with RFC 4231, test cases 1 to 4, 6 and 7")
    func hmac() {
        for (key, message, code) in Self.hmacVectors {
            #expect(Self.hexadecimal(HMACSHA256(key: key).code(of: message)) == code)
        }
    }

    /// The first two are the inputs of RFC 6070 with SHA-256, and the last one is from RFC 7914, section 11. All keys
    /// were confirmed by another implementation.
    @Test(
        "PBKDF2 derives the known keys",
        arguments: [
            ("password", "salt", 1, "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"),
            ("password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
            (
                "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 3,
                "325651a5ca818d11f4331cb0c300d6f8b68790c75a09ebad494e74b3f6494758"
            ),
            (
                String(repeating: "a", count: 65), String(repeating: "b", count: 70), 4,
                "a1457b8bdbdc0e6153d3977a227121538958d8a0a4c7e5b441957176bdcc51e6"
            ),
            ("pass\0word", "sa\0lt", 5, "95e0eedc38a6886ba5eee2fe62b8e5aea7c345314d1974887b8699b66cb93717"),
            ("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
        ])
    func pbkdf2(password: String, salt: String, iterations: Int, key: String) {
        let derived = HMACSHA256.stretch(Array(password.utf8), salt: Array(salt.utf8), iterations: iterations)
        #expect(Self.hexadecimal(derived) == key)
    }
}
