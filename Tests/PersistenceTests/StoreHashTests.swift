import Testing

@testable import Persistence

@Suite("SHA-256: agrees with FIPS 180-4")
struct StoreHashTests {
    @Test(
        "the digests of the published examples are correct",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1000),
                "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
            ),
        ])
    func digest(message: String, hexadecimal: String) {
        #expect(String(decoding: SHA256.hexadecimal(Array(message.utf8)), as: UTF8.self) == hexadecimal)
    }

    /// These lengths include those at which padding needs another block. The expected digest of all digests comes from
    /// another implementation.
    @Test("the digests of messages of 0 to 199 bytes are correct")
    func lengths() {
        let digests = (0..<200).map { SHA256.hexadecimal([UInt8](repeating: 0x78, count: $0)) }
        #expect(Set(digests).count == 200)
        #expect(
            String(decoding: SHA256.hexadecimal(Array(digests.joined())), as: UTF8.self)
                == "f61ffcc417e1f0e59eba2da7fa32fbe05b64e478b68c6bacf990455f00248b98")
    }
}
