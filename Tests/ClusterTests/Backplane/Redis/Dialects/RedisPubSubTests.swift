import Testing

@testable import Cluster

@Suite("The two forms of pub/sub")
struct RedisPubSubTests {
    private static let sharded = RedisPubSub.sharded(.dynamic)

    private func server(
        _ version: String? = "7.0.15", mode: RedisServer.Mode? = .standalone, role: RedisServer.Role? = .master
    ) -> RedisServer {
        RedisServer(version: version, mode: mode, role: role, protocolVersion: .resp3)
    }

    @Test("a server is refused if it is a replica, a part of a cluster, or too old")
    func refusals() throws {
        for pubSub in [RedisPubSub.classic, Self.sharded] {
            #expect(pubSub.refusal(of: server()) == nil)
            #expect(pubSub.refusal(of: server(nil, mode: nil, role: nil)) == nil)
            #expect(pubSub.refusal(of: server(role: .replica)) == "the server is a replica")
            let refusal = try #require(pubSub.refusal(of: server(mode: .cluster)))
            #expect(refusal.contains("Redis Cluster"))
        }
        #expect(RedisPubSub.classic.refusal(of: server("6.2.14")) == nil)
        let tooOld = "redis-sharded:// needs Redis 7 or later, and the server has 6.2.14"
        #expect(Self.sharded.refusal(of: server("6.2.14")) == tooOld)
        for version in ["7.0.0", "8.2.1", "10.0.0", "unknown"] {
            #expect(Self.sharded.refusal(of: server(version)) == nil)
        }
    }

    @Test(
        "errors of a cluster are explained",
        arguments: ["MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381", "CROSSSLOT Keys do not hash to one slot"])
    func cluster(text: String) {
        #expect(RedisPubSub.reason(of: RedisError(Array(text.utf8)[...])).contains("Redis Cluster"))
    }

    @Test("other errors are told in the server's words")
    func otherErrors() {
        let error = RedisError(Array("NOPERM no permissions".utf8)[...])
        #expect(RedisPubSub.reason(of: error).contains("NOPERM"))
    }

    @Test("which rooms have channels")
    func rooms() {
        let room = BackplaneRoom(namespace: "/n", name: "a")
        let socket = BackplaneRoom(namespace: "/n", name: "12345678901234567890")
        func channels(_ pubSub: RedisPubSub) -> [String?] {
            [room, socket].map { pubSub.channel(of: $0, prefix: "p") }
        }
        #expect(channels(.classic) == [nil, nil] && !RedisPubSub.classic.hasRoomChannels)
        #expect(channels(.sharded(.static)) == [nil, nil] && !RedisPubSub.sharded(.static).hasRoomChannels)
        #expect(channels(.sharded(.dynamic)) == ["p#/n#a#", nil] && Self.sharded.hasRoomChannels)
        #expect(channels(.sharded(.dynamicPrivate)) == ["p#/n#a#", "p#/n#12345678901234567890#"])
    }

    @Test("the commands")
    func commands() {
        #expect(RedisPubSub.classic.publish([7], in: "c") == RedisCommand("PUBLISH", "c", values: [[7]]))
        #expect(Self.sharded.publish([7], in: "c") == RedisCommand("SPUBLISH", "c", values: [[7]]))
        #expect(RedisPubSub.classic.count("c") == RedisCommand("PUBSUB", "NUMSUB", "c"))
        #expect(Self.sharded.count("c") == RedisCommand("PUBSUB", "SHARDNUMSUB", "c"))
        #expect(RedisPubSub.classic.subscription == .channel && Self.sharded.subscription == .shard)
    }

    @Test("the form and the mode in an URL")
    func url() throws {
        #expect(RedisPubSub(try RedisURL("redis://h")) == .classic)
        #expect(RedisPubSub(try RedisURL("redis-sharded://h")) == .sharded(.dynamic))
        #expect(RedisPubSub(try RedisURL("redis-sharded://h?mode=dynamic-private")) == .sharded(.dynamicPrivate))
        #expect(RedisPubSub(try RedisURL("redis-sharded+unix:///s?mode=static")) == .sharded(.static))
        #expect(RedisPubSub(try RedisURL("redis-streams://h")) == .streams)
        #expect(try RedisURL("redis-sharded://h?mode=static").description == "redis-sharded://h:6379/0?mode=static")
        let error = RedisURLError.badValue(parameter: "mode", expected: "dynamic, dynamic-private or static")
        #expect(throws: error) { _ = try RedisURL("redis-sharded://h?mode=all") }
        #expect(throws: RedisURLError.inapplicableParameter("mode", scheme: "redis")) {
            _ = try RedisURL("redis://h?mode=static")
        }
    }
}
