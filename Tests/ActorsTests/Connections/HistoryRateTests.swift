import Testing
import Transport

@testable import Actors

@Suite("A client over its rate of missed messages gets the others later, and loses nothing", .overEachLink)
struct HistoryRateTests {
    /// A second's worth is 100 messages, and a page has about 65.
    static let options = ServerOptions(
        addressLimits: AddressLimits(rateFactor: 1), historyRate: RateLimit(perSecond: 100_000, burst: 100_000))
    static let count = 400
    static let history = (1...count).map { "\($0) " + String(repeating: "x", count: 980) }

    static func run(_ options: ServerOptions = options, test: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(options, history: history, setUp: storing, test: test)
    }

    static func join(_ server: TestServer, after id: Int = 0, address: String = "192.0.2.1") async throws -> TestClient
    {
        try await server.join(auth: #"{"serverOffset":\#(id)}"#, clientOptions(address))
    }

    static func clientOptions(_ address: String) -> TestClient.Options {
        var options = TestClient.Options()
        options.address = address
        return options
    }

    /// The numbers in the texts of messages.
    static func numbers(_ rows: [String]) -> [Int?] {
        rows.map { Int($0.dropFirst(14).prefix { $0 != " " }) }
    }

    @Test("all messages arrive in order, at once as far as the rate allows, and a new one after them")
    func order() async throws {
        try await Self.run { server in
            let start = server.loop.now
            let client = try await Self.join(server)
            _ = try await client.next(100)
            #expect(server.loop.now - start < .seconds(1))
            let writer = try await Self.join(server, after: Self.count, address: "192.0.2.2")
            writer.send(#"21["message","401 x"]"#)
            #expect(try await writer.next(2).last == "431[]")
            #expect(server.loop.now - start < .seconds(1))
            #expect(Self.numbers(try await client.next(301)) == Array(101...401))
            #expect(server.loop.now - start > .seconds(2))
            #expect(await server.server.status.historyPauses >= 3)
        }
    }

    @Test("clients of one address share the rate, also one after the other; their first pages do not wait")
    func address() async throws {
        try await Self.run { server in
            let first = try await Self.join(server)
            _ = try await first.next(65)
            first.close()
            let start = server.loop.now
            let readers = [try await Self.join(server), try await Self.join(server)]
            let late = try await Self.join(server, after: Self.count - 2)
            #expect(Self.numbers(try await late.next(2)) == [399, 400])
            #expect(server.loop.now - start < .seconds(1))
            for reader in readers { #expect(Self.numbers(try await reader.next(Self.count)) == Array(1...Self.count)) }
            // 670 messages besides the first pages.
            #expect(server.loop.now - start > .seconds(5))
        }
    }

    @Test("a client that goes while it waits delays nobody, and leaves nothing behind")
    func leaves() async throws {
        try await Self.run { server in
            var readers: [TestClient] = []
            for _ in 0..<5 { readers.append(try await Self.join(server)) }
            try await eventually { await server.server.status.historyPauses >= 5 }
            for reader in readers.dropFirst() { reader.close() }
            let start = server.loop.now
            #expect(Self.numbers(try await readers[0].next(Self.count)) == Array(1...Self.count))
            // What the first pages have used, and its own 335 messages. The others would need 13 s more.
            #expect(server.loop.now - start < .seconds(7))
            readers[0].close()
            try await eventually { await server.server.status.sessions == 0 }
            let paused = try #require(server.server.main.everyone.worker).followers
            try await eventually { await paused.hasNoPausedReaders }
        }
    }

    @Test("the connections of one identity share the rate, and do not use that of their address")
    func identity() async throws {
        try await TestServer.run(Self.options, history: Self.history) { server in
            storing(server)
            server.main.identify { handshake in ClientIdentity(id: handshake.auth?["user"]?.string ?? "") }
        } test: { server in
            func join(_ user: String) async throws -> TestClient {
                try await server.join(auth: #"{"user":"\#(user)"}"#, Self.clientOptions("192.0.2.1"))
            }
            let start = server.loop.now
            let readers = [try await join("ada"), try await join("ada"), try await join("eve")]
            _ = try await readers[2].next(Self.count)
            let alone = server.loop.now - start
            for reader in readers.prefix(2) { _ = try await reader.next(Self.count) }
            // Eve has 235 messages to wait for, and Ada 570.
            #expect(server.loop.now - start > alone + .seconds(2))
        }
    }

    @Test("pages that handlers read count too, also those for a client that goes", arguments: ["1", "41"])
    func handlers(end: String) async throws {
        try await TestServer.run(Self.options, history: Self.history) { server in
            storing(server)
            server.main.on("read", concurrently: true) { socket, event in
                let page = try await socket.messages(before: nil, maxCount: 50, maxBytes: 1 << 20)
                server.notes.add("\(page.messages.count)")
                event.acknowledgement?()
            }
        } test: { server in
            let client = try await Self.join(server, after: Self.count)
            client.send((0..<20).map { _ in #"2["read"]"# } + [end])
            try await eventually { await server.server.status.sockets == 0 }
            try await eventually { server.notes.all.count == 20 }
            let followers = try #require(server.server.main.everyone.worker).followers
            try await eventually { await followers.hasNoPausedReaders }
            // The burst, and what was being read.
            #expect(server.notes.all.count(where: { $0 == "50" }) < 8)
            let start = server.loop.now
            let (next, other) = (try await Self.join(server, after: 399), try await Self.join(server, after: 399))
            for client in [next, other] { #expect(Self.numbers([try await client.next()]) == [400]) }
            next.send((0..<12).map { #"2\#($0)["read"]"# })
            other.send(#"29["read"]"#)
            #expect(try await other.next() == "439[]")
            let answered = server.loop.now
            _ = try await next.next(12)
            // A page of 50 messages takes half a second, and each client has every second one.
            #expect(answered - start < .seconds(3))
            #expect(server.loop.now - answered >= .seconds(2))
        }
    }

    @Test("handlers that a client starts before it has got its first page wait like others after it")
    func handlersAtOnce() async throws {
        try await TestServer.run(Self.options, history: Self.history) { server in
            storing(server)
            server.main.on("read", concurrently: true) { socket, event in
                _ = try await socket.messages(before: nil, maxCount: 50, maxBytes: 1 << 20)
                server.notes.add("read")
            }
        } test: { server in
            let other = try await Self.join(server)
            _ = try await other.next(130)
            let client = try await server.connect(Self.clientOptions("192.0.2.1"))
            client.send([#"0{"serverOffset":399}"#] + (0..<40).map { _ in #"2["read"]"# })
            let start = server.loop.now
            try await eventually { server.loop.now - start > .seconds(2) }
            // Two seconds and the second rate's burst are 6 pages, and 4 were read at once.
            #expect((1..<16).contains(server.notes.all.count))
        }
    }

    @Test("below a page in ten seconds the rate is a page in ten seconds")
    func lowRate() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 1), historyRate: RateLimit(perSecond: 1, burst: 1))
        // Two pages, of which the first one is urgent.
        let history = Array(Self.history.prefix(100))
        try await TestServer.run(options, history: history, setUp: storing) { server in
            let start = server.loop.now
            for reader in [try await Self.join(server), try await Self.join(server)] {
                #expect(Self.numbers(try await reader.next(100)) == Array(1...100))
            }
            #expect((Duration.seconds(15)...(.seconds(45))).contains(server.loop.now - start))
        }
    }

    @Test("a server that ends while clients wait leaves nothing behind")
    func ends() async throws {
        weak var worker: Worker?
        try await TestServer.run(Self.options, history: Self.history) { server in
            storing(server)
            server.main.on("read", concurrently: true) { socket, event in
                _ = try await socket.messages(before: nil, maxCount: 50, maxBytes: 1 << 20)
            }
        } test: { server in
            for _ in 0..<5 { try await Self.join(server).send([#"2["read"]"#, #"2["read"]"#]) }
            try await eventually { await server.server.status.historyPauses >= 8 }
            worker = server.server.main.everyone.worker
            #expect(worker != nil)
        }
        try await eventually { worker == nil }
    }

    @Test("messages that are published while a client is connected do not count")
    func live() async throws {
        let options = ServerOptions(historyRate: RateLimit(perSecond: 1, burst: 1))
        try await Self.run(options) { server in
            let reader = try await server.join(auth: #"{"serverOffset":399}"#)
            #expect(Self.numbers(try await reader.next(1)) == [400])
            let writer = try await server.join(auth: #"{"serverOffset":400}"#)
            writer.send((1...100).map { #"2["message","\#(400 + $0) \#(String(repeating: "x", count: 980))"]"# })
            #expect(Self.numbers(try await reader.next(100)) == Array(401...500))
        }
    }

    @Test("clients on this machine have no limit if the options say so")
    func local() async throws {
        let options = ServerOptions(historyRate: RateLimit(perSecond: 1, burst: 1), limitsLocalClients: false)
        try await Self.run(options) { server in
            let client = try await server.join()
            #expect(Self.numbers(try await client.next(Self.count)) == Array(1...Self.count))
            #expect(await server.server.status.historyPauses == 0)
        }
    }
}

extension MessageFollowers {
    fileprivate var hasNoPausedReaders: Bool { pausedReaders.isEmpty && pausedOwners.isEmpty }
}
