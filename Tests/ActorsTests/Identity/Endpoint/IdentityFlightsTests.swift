import Testing
import Transport

@testable import Actors

@Suite("Requests to a service that knows the clients: sharing, bounds and memory")
struct IdentityFlightsTests {
    private let now = ContinuousClock.now

    private static func question(_ name: String) throws -> IdentityQuestion {
        IdentityQuestion(try Handshake(auth: ["token": JSONText(string: name)]), namespace: "/")
    }

    private static func answer(_ id: String, lifetime: Int) -> IdentityAnswer {
        IdentityAnswer(
            HTTPClientResponse(status: 200, body: Array(#"{"id":"\#(id)","cache":\#(lifetime)}"#.utf8)), maxRooms: 0)
    }

    private static func id(_ verdict: IdentityVerdict?) -> String? {
        if case .identity(let identity) = verdict { identity.id } else { nil }
    }

    @Test("a question has the cookies and other headers, but none of the connection, and no secret of a session")
    func question() throws {
        let handshake = try Handshake(
            headers: [
                ("Cookie", "a=1"), ("cookie", "b=2"), ("Connection", "Upgrade, X-Hop"), ("Upgrade", "websocket"),
                ("Sec-WebSocket-Key", "k"), ("X-Hop", "h"), ("Origin", "https://site"), ("Authorization", "Bearer t"),
            ],
            address: "192.0.2.1",
            auth: ["pid": "p", "offset": "o", "latest": 5, "serverOffset": 1, "token": "t", "more": [1]])
        let body = String(decoding: IdentityQuestion(handshake, namespace: "/a").body, as: UTF8.self)
        #expect(
            body
                == #"{"token":"t","auth":{"more":[1]},"address":"192.0.2.1","namespace":"/a","headers":{"#
                + #""host":"localhost","cookie":"a=1; b=2","origin":"https://site","authorization":"Bearer t"}}"#)
        let empty = String(decoding: IdentityQuestion(try Handshake(), namespace: "/").body, as: UTF8.self)
        #expect(empty.hasPrefix(#"{"token":null,"auth":{},"#))
    }

    @Test("equal questions share a request, and others wait when too many are in flight")
    func sharing() throws {
        var flights = IdentityFlights(limits: IdentityFlights.Limits(inFlight: 1))
        let (a, b, c) = (try Self.question("a"), try Self.question("b"), try Self.question("c"))
        let steps = [(1, a), (2, a), (3, b), (4, c), (5, b)].map { flights.add($0, for: $1, deadline: now) }
        #expect(steps == [.send, .wait, .wait, .wait, .wait])
        flights.remove(4, from: c.key)
        let first = flights.finish(a.key)
        #expect(first.flight?.waiters == [1, 2] && first.next?.question.key == b.key && flights.inFlight == 1)
        let second = flights.finish(b.key)
        #expect(second.flight?.waiters == [3, 5] && second.next == nil, "nobody waits for c any more")
        #expect(flights.inFlight == 0 && flights.finish(b.key).flight == nil && flights.inFlight == 0)
    }

    @Test("requests, their bytes and clients that wait have limits")
    func limits() throws {
        let size = try Self.question("a").body.count
        let limits = IdentityFlights.Limits(inFlight: 1, waiting: 2, waitingBytes: 2 * size, waiters: 4)
        var flights = IdentityFlights(limits: limits)
        let names = ["a", "b", "c", "d"]
        let steps = try names.enumerated().map { flights.add(UInt64($0), for: try Self.question($1), deadline: now) }
        #expect(steps == [.send, .wait, .wait, .refuse])
        #expect(flights.add(5, for: try Self.question("a"), deadline: now) == .wait)
        #expect(flights.add(6, for: try Self.question("a"), deadline: now) == .refuse, "four clients wait")

        var small = IdentityFlights(limits: IdentityFlights.Limits(inFlight: 1, waitingBytes: size))
        let few = try ["a", "b", "c"].enumerated().map {
            small.add(UInt64($0), for: try Self.question($1), deadline: now)
        }
        #expect(few == [.send, .wait, .refuse])
        _ = small.finish(try Self.question("a").key)
        #expect(small.add(7, for: try Self.question("c"), deadline: now) == .wait, "the queue has room again")
    }

    @Test("answers are remembered until their time ends")
    func remembers() {
        var cache = IdentityCache()
        cache.insert(Self.answer("ada", lifetime: 10), for: [1], at: now)
        cache.insert(Self.answer("bob", lifetime: 0), for: [2], at: now)
        #expect(Self.id(cache.verdict(for: [1], at: now + .milliseconds(9999))) == "ada")
        #expect(cache.verdict(for: [2], at: now) == nil && cache.verdict(for: [3], at: now) == nil)
        #expect(cache.verdict(for: [1], at: now + .seconds(10)) == nil)
        #expect(cache.count == 0 && cache.byteCount == 0)
    }

    @Test("the least recently used answers are forgotten, by number and by size")
    func evicts() {
        var cache = IdentityCache(maxCount: 3)
        for key: UInt8 in 1...3 { cache.insert(Self.answer("\(key)", lifetime: 10), for: [key], at: now) }
        _ = cache.verdict(for: [1], at: now)
        cache.insert(Self.answer("4", lifetime: 10), for: [4], at: now)
        #expect((1...4).map { Self.id(cache.verdict(for: [$0], at: now)) } == ["1", nil, "3", "4"])
        // Many uses do not grow anything, and replacing an answer counts it once.
        for _ in 0..<1000 { _ = cache.verdict(for: [3], at: now) }
        for _ in 0..<100 { cache.insert(Self.answer("1", lifetime: 10), for: [1], at: now) }
        #expect(cache.count == 3)

        let one = Self.answer("1", lifetime: 10)
        var small = IdentityCache(maxBytes: 2 * (one.byteCount + 256))
        for key: UInt8 in 1...5 { small.insert(one, for: [key], at: now) }
        #expect(small.count == 2 && small.verdict(for: [5], at: now) != nil)
        small.insert(
            IdentityAnswer(
                HTTPClientResponse(
                    status: 200, body: Array(#"{"id":"\#(String(repeating: "x", count: 200))","cache":9}"#.utf8)),
                maxRooms: 0),
            for: [6], at: now)
        #expect(small.verdict(for: [6], at: now) != nil && small.count == 1)
    }
}
