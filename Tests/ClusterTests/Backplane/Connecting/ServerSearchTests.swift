import Testing
import Transport

@testable import Cluster

@Suite("The search for a server")
struct ServerSearchTests {
    private static let first = RedisURL.Server.tcp(host: "first", port: 1)
    private static let second = RedisURL.Server.tcp(host: "second", port: 2)

    private var search = ServerSearch<RedisURL.Server>([first, second])

    private func addresses(_ hosts: String...) throws -> [SocketAddress] {
        try hosts.flatMap { try SocketAddress.resolve(host: $0, port: 1) }
    }

    @Test("a name is looked up when all addresses before it have failed")
    mutating func order() throws {
        let found = try addresses("127.0.0.1", "127.0.0.2")
        #expect(search.next() == .lookUp(Self.first))
        search.found(found)
        #expect(search.next() == .connect(found[0], Self.first))
        search.failed("refused")
        #expect(search.next() == .connect(found[1], Self.first))
        search.failed("a replica")
        #expect(search.next() == .lookUp(Self.second))
        search.failed("no such name")
        search.found([])
        #expect(search.next() == .giveUp(reason: "\(found[0]): refused; \(found[1]): a replica; no such name"))
    }

    @Test("the end of a connection in use ends the search with its reason alone")
    mutating func ended() throws {
        let found = try addresses("127.0.0.1")
        search.found([])
        _ = search.next()
        search.failed("no such name")
        search.found(found)
        _ = search.next()
        #expect(search.ended("closed") == .giveUp(reason: "\(found[0]): closed"))
    }

    @Test("without servers there is nothing to do")
    mutating func empty() {
        search = ServerSearch<RedisURL.Server>([])
        #expect(search.next() == .giveUp(reason: ""))
    }
}
