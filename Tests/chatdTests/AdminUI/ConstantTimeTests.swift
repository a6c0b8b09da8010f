import Testing

@testable import chatd

@Suite("Comparison of secrets")
struct ConstantTimeTests {
    @Test("values are equal only if each bit is")
    func equal() {
        let value: [UInt8] = [0, 1, 0xFF, 0x80]
        #expect(ConstantTime.areEqual(value, value) && ConstantTime.areEqual([], []))
        for index in value.indices {
            for bit in 0..<8 {
                var other = value
                other[index] ^= 1 << bit
                #expect(!ConstantTime.areEqual(value, other))
            }
        }
        #expect(!ConstantTime.areEqual(value, [0, 1, 0xFF]) && !ConstantTime.areEqual([], value))
    }
}
