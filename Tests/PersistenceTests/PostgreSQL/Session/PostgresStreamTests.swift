import TestSupport
import Testing

@testable import Persistence

@Suite("PostgreSQL session: streams of bytes", .timeLimit(.minutes(1)))
struct PostgresStreamTests {
    private typealias Bytes = ServerBytes

    /// A session and the answers of a server in each of its phases.
    private static let start =
        Bytes.authentication(5, [1, 2, 3, 4]) + Bytes.accepted + Bytes.setting("server_version", "15") + Bytes.key
        + Bytes.error("01000", "WARNING", kind: "N") + Bytes.ready()
    private static let answer =
        Bytes.parsed + Bytes.bound + Bytes.row(["a", nil]) + Bytes.notification("news", "x") + Bytes.row(["", "bc"])
        + Bytes.complete("SELECT 2") + Bytes.ready("T")
    private static let failure = Bytes.parsed + Bytes.setting("a", "b") + Bytes.error("23505") + Bytes.ready("E")
    private static let script =
        Bytes.complete("BEGIN") + Bytes.columns(["a"]) + Bytes.row(["1"]) + Bytes.complete("SELECT 1")
        + Bytes.ready()

    /// The events and the error of a session that gets bytes in pieces.
    private struct Outcome: Equatable {
        var events: [PostgresStateMachine.Event] = []
        var error: PostgresProtocolError?
        var output: [UInt8] = []

        mutating func feed(_ pieces: [ArraySlice<UInt8>], to session: inout PostgresStateMachine) {
            for piece in pieces where error == nil {
                do throws(PostgresProtocolError) {
                    events += try session.receive(Array(piece))
                } catch {
                    self.error = error
                }
                output += session.takeOutput()
            }
        }
    }

    /// Sessions that await one of the streams.
    private static func sessions() throws -> [(session: PostgresStateMachine, stream: [UInt8])] {
        [
            (StartedSession.authenticating(password: "secret"), start),
            (try StartedSession.running(), answer), (try StartedSession.running(), failure),
            (try StartedSession.running(.simple("SELECT")), script),
            (try StartedSession.ready(), Bytes.notification("news", "x") + Bytes.error("57P01", "FATAL")),
        ]
    }

    @Test("a stream that is cut at any byte has the same events")
    func cut() throws {
        for (session, stream) in try Self.sessions() {
            var whole = Outcome()
            var copy = session
            whole.feed([stream[...]], to: &copy)
            #expect(whole.error == nil && !whole.events.isEmpty)
            for index in stream.indices {
                var outcome = Outcome()
                var copy = session
                outcome.feed([stream[..<index], stream[index...]], to: &copy)
                #expect(outcome == whole)
            }
            var outcome = Outcome()
            copy = session
            outcome.feed(stream.indices.map { stream[$0...$0] }, to: &copy)
            #expect(outcome == whole)
        }
    }

    @Test("a stream with some bytes changed does not trap, and ends alike in any pieces", arguments: 1...20)
    func mutated(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let sessions = try Self.sessions()
        for round in 0..<1000 {
            let (session, valid) = sessions[round % sessions.count]
            let stream = Self.mutate(valid, using: &random)
            var whole = Outcome()
            var copy = session
            whole.feed([stream[...]], to: &copy)
            guard round % 4 == 0 else { continue }
            var outcome = Outcome()
            copy = session
            let cut = Int.random(in: 0...stream.count, using: &random)
            outcome.feed([stream[..<cut], stream[cut...]], to: &copy)
            #expect(outcome.error == whole.error)
            // Events before an error are dropped if they come together with it.
            if whole.error == nil { #expect(outcome == whole) }
        }
    }

    private static func mutate(_ valid: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var stream = valid
        for _ in 0..<Int.random(in: 1...3, using: &random) where !stream.isEmpty {
            let index = Int.random(in: stream.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: stream[index] = UInt8.random(in: .min ... .max, using: &random)
            case 1: stream[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: stream.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
            case 3: stream.remove(at: index)
            default: stream.removeSubrange(index...)
            }
        }
        return stream
    }

    @Test("mutated messages of SCRAM do not trap")
    func mutatedChallenges() {
        var random = SplitMix64(seed: 7)
        let first = Bytes.authentication(10, Bytes.text("SCRAM-SHA-256") + [0])
        let challenge = "r=AAECAwQFBgcICQoLDA0ODxARserver,s=c2FsdCBzYWx0IHNhbHQ=,i=4,x=y"
        let valid =
            Bytes.authentication(11, Array(challenge.utf8))
            + Bytes.authentication(12, Array("v=e+8fU3x4H016gMvBPP1GqgIh/GGsPtMFykZOujTzgew=".utf8))
        for _ in 0..<300 {
            var outcome = Outcome()
            var session = StartedSession.authenticating(password: "secret")
            outcome.feed([first[...], Self.mutate(valid, using: &random)[...]], to: &session)
        }
    }

    // MARK: Linear time

    /// A decoder that copied what it has buffered for each piece would copy 300 GiB.
    @Test("a large row whose end comes byte by byte takes linear time")
    func largeRow() throws {
        let value = [UInt8](repeating: 0x61, count: 16 << 20)
        let body = Bytes.int16(1) + Bytes.int32(Int32(value.count)) + value
        let stream = Bytes.parsed + Bytes.bound + Bytes.message("D", body) + Bytes.complete("") + Bytes.ready()
        var session = try StartedSession.running()
        let most = stream.count - 20_000
        #expect(try session.receive(Array(stream[..<most])).isEmpty)
        let events = try stream[most...].flatMap { try session.receive([$0]) }
        let result = PostgresResult(rows: [[value]], commandTag: "", transactionStatus: .idle)
        #expect(events == [.completed(result)])
    }

    @Test("many rows in pieces that cut them take linear time", arguments: [23, 1 << 20])
    func manyRows(size: Int) throws {
        let rows = [[UInt8]](repeating: Bytes.row(["ab"]), count: 20_000).joined()
        let end = Bytes.complete("SELECT 20000") + Bytes.ready()
        let events = try Self.receive(Bytes.parsed + Bytes.bound + rows + end, pieces: size)
        guard case .completed(let result)? = events.first else {
            Issue.record("no result")
            return
        }
        #expect(result.rows.count == 20_000)
    }

    private static func receive(_ stream: [UInt8], pieces size: Int) throws -> [PostgresStateMachine.Event] {
        var session = try StartedSession.running()
        var events: [PostgresStateMachine.Event] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            events += try session.receive(Array(stream[start..<min(start + size, stream.count)]))
        }
        return events
    }
}
