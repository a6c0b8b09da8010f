import Testing

@testable import Cluster

@Suite("Redis slots")
struct RedisSlotTests {
    /// The answers of Redis 7.0.15 to CLUSTER KEYSLOT.
    @Test(
        "a key's slot is that of a real server",
        arguments: [
            ("", 0), ("foo", 12182), ("bar", 5061), ("a", 15495), ("123456789", 12739), ("{user1000}.following", 3443),
            ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061), ("{}x", 10595), ("a{b", 13340),
            ("é", 10180), ("socket.io#/#", 13868),
        ])
    func slots(key: String, slot: Int) {
        #expect(RedisSlot.number(of: Array(key.utf8)) == slot)
    }

    @Test("keys with the same hash tag have the same slot")
    func tags() {
        for key in ["{bar}", "x{bar}y", "bar", "}{bar}", "x{bar}{}"] {
            #expect(RedisSlot.number(of: Array(key.utf8)) == 5061)
        }
    }

    @Test("any bytes have a slot")
    func range() {
        var generator = RESPGenerator(seed: 3)
        for _ in 0..<500 { #expect(0..<RedisSlot.count ~= RedisSlot.number(of: generator.bytes(0...40))) }
    }
}
