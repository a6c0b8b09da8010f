import Testing

@testable import Cluster

@Suite("Redis session: streams of bytes", .timeLimit(.minutes(1)))
struct RedisStreamTests {
    /// The events of a session that gets bytes in pieces, and what it sends.
    private struct Outcome: Equatable {
        var events: [RedisStateMachine.Event] = []
        var output: [UInt8] = []

        init(_ session: RedisStateMachine, _ pieces: [ArraySlice<UInt8>]) {
            var session = session
            for piece in pieces {
                events += session.receive(Array(piece))
                output += session.takeOutput()
            }
        }
    }

    /// Sessions that await one of the streams.
    private static func sessions() -> [(session: RedisStateMachine, stream: [UInt8])] {
        let identity = RedisStateMachine.Identity(
            user: "alice", password: "secret", database: 1, clientName: "me")
        let fallback = RedisSession.unknownHello + "+OK\r\n+OK\r\n+OK\r\n" + RedisSession.info + "+PONG\r\n"
        return [
            (RedisSession.starting(identity), Array((RedisSession.hello + "+OK\r\n+PONG\r\n").utf8)),
            (RedisSession.starting(identity), Array(fallback.utf8)), busy(.resp2), busy(.resp3),
        ]
    }

    /// A session with open commands of all kinds, and its answers.
    private static func busy(_ version: RedisProtocolVersion) -> (RedisStateMachine, [UInt8]) {
        var session = RedisSession.ready(version)
        _ = session.send(RedisCommand("LRANGE"))
        _ = session.subscribe(.channel, to: [[0x61], [0x62]])
        _ = session.subscribe(.pattern, to: [[0x63]])
        _ = session.ping()
        _ = session.unsubscribe(.channel, from: [[0x61], [0x62]])
        _ = session.unsubscribe(.pattern, from: [[0x63]])
        _ = session.send(RedisCommand("EXEC"))
        let (pong, exec) =
            version == .resp2
            ? ("*2\r\n$4\r\npong\r\n$0\r\n\r\n", "*2\r\n:1\r\n$-1\r\n") : ("+PONG\r\n", RESPSamples.exec)
        let answers = [
            "*1\r\n$1\r\nx\r\n", RedisSession.notice(version, "subscribe", "a", count: 1),
            RedisSession.notice(version, "message", "a", "hello"),
            RedisSession.notice(version, "subscribe", "b", count: 2), "-NOPERM no\r\n", pong,
            RedisSession.notice(version, "unsubscribe", "a", count: 1),
            RedisSession.notice(version, "unsubscribe", "b", count: 0),
            RedisSession.notice(version, "punsubscribe", "c", count: 0), exec,
        ]
        return (session, Array(answers.joined().utf8))
    }

    @Test("a stream that is cut at any byte has the same events")
    func cut() {
        for (session, stream) in Self.sessions() {
            let whole = Outcome(session, [stream[...]])
            #expect(!whole.events.isEmpty)
            #expect(!whole.events.contains { if case .failed = $0 { true } else { false } })
            for index in stream.indices {
                #expect(Outcome(session, [stream[..<index], stream[index...]]) == whole)
            }
            #expect(Outcome(session, stream.indices.map { stream[$0...$0] }) == whole)
        }
    }

    @Test(
        "a stream with some bytes changed does not trap, and ends alike in any pieces",
        arguments: 1...4 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var generator = RESPGenerator(seed: seed)
        let sessions = Self.sessions()
        var failures = 0
        for round in 0..<1000 {
            let (session, valid) = sessions[round % sessions.count]
            let stream = generator.mutate(valid)
            let whole = Outcome(session, [stream[...]])
            let cut = generator.number(in: 0...stream.count)
            let pieces = Outcome(session, [stream[..<cut], stream[cut...]])
            // Two doubles that are no numbers are not equal.
            #expect(pieces == whole || "\(pieces)" == "\(whole)")
            if case .failed? = whole.events.last { failures += 1 }
        }
        #expect(failures > 200)
    }

    @Test("random values do not trap", arguments: 1...4 as ClosedRange<UInt64>)
    func values(seed: UInt64) {
        var generator = RESPGenerator(seed: seed)
        let sessions = Self.sessions()
        for round in 0..<500 {
            var pushes: [RESPValue]? = []
            let stream = (0..<3).flatMap { _ in generator.encode(generator.value(), pushes: &pushes) }
            let session = sessions[round % sessions.count].session
            #expect(Outcome(session, stream.indices.map { stream[$0...$0] }) == Outcome(session, [stream[...]]))
        }
    }

    @Test("many messages take linear time in any pieces", arguments: [23, 1 << 20])
    func manyMessages(size: Int) {
        var session = RedisSession.ready()
        let message = RedisSession.notice(.resp3, "message", "news", "payload")
        let stream = [[UInt8]](repeating: Array(message.utf8), count: 20_000).joined().map { $0 }
        var count = 0
        for start in stride(from: 0, to: stream.count, by: size) {
            count += session.receive(Array(stream[start..<min(start + size, stream.count)])).count
        }
        #expect(count == 20_000)
    }
}
