import Actors
import Testing
import Transport

@testable import Cluster

@Suite("A namespace at a PostgreSQL server")
struct PostgresNamespaceTests {
    private let start = ContinuousClock.now
    private var namespace: PostgresNamespace

    init() throws {
        namespace = try PostgresNamespace("/chat", prefix: "p", at: start)
    }

    private static let question = BackplaneQuestion.rooms(namespace: "/chat")

    @Test("a name with which a channel would be too long is refused")
    func longName() throws {
        let name = "/" + String(repeating: "n", count: 45)
        _ = try PostgresNamespace(name, prefix: "socket.io", at: start)
        #expect(throws: PostgresChannels.Refusal.self) {
            try PostgresNamespace(name + "n", prefix: "socket.io", at: start)
        }
    }

    @Test("a heartbeat is due when nothing was sent for five seconds")
    mutating func heartbeats() {
        #expect(!namespace.needsHeartbeat(at: start + .seconds(4.9)))
        #expect(namespace.needsHeartbeat(at: start + .seconds(5)))
        namespace.noteSent(at: start + .seconds(5))
        #expect(!namespace.needsHeartbeat(at: start + .seconds(9.9)))
    }

    @Test("questions wait until the other nodes have had time to answer the first heartbeat")
    mutating func settling() {
        #expect(!namespace.isSettled(at: start + .seconds(60)))
        namespace.firstHeartbeatReturned(at: start)
        // A forged one changes nothing.
        namespace.firstHeartbeatReturned(at: start + .seconds(60))
        #expect(!namespace.isSettled(at: start))
        #expect(namespace.isSettled(at: start + PostgresNamespace.settlingTime))
        namespace.connectionEnded()
        #expect(!namespace.isSettled(at: start + .seconds(60)))
    }

    @Test("waiting questions are bounded, can be dismissed, and are taken once")
    mutating func early() {
        let all = Array(1...UInt64(OpenQuestions<Int>.limit) + 1)
        let accepted = all.filter { namespace.wait(Self.question, $0) }
        #expect(accepted == Array(all.dropLast()))
        namespace.dismiss(1)
        let numbers = namespace.takeEarlyQuestions().map(\.number)
        #expect(numbers == Array(accepted.dropFirst()))
        #expect(namespace.takeEarlyQuestions().isEmpty)
    }

    @Test("nodes are forgotten at the end of a connection, because they may be gone when it is back")
    mutating func nodes() {
        namespace.hear("a")
        #expect(namespace.nodes.ids == ["a"])
        namespace.connectionEnded()
        #expect(namespace.nodes.ids.isEmpty)
    }
}
