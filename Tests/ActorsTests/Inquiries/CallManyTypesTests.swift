import Testing

@testable import Actors

@Suite("Calls to many clients, of which some answer with another type", .overEachLink)
struct CallManyTypesTests {
    private let question = #"42\#(CallManyTests.firstID)["ask",1,"two"]"#

    @Test("an answer of another type is a failure; the other answers are returned with the error")
    func types() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: CallManyTests.setUp) { cluster in
            let clients = try await cluster.join()
            let main = cluster.servers[1].main
            let call = TestMachine.current.task { () async -> IncompleteAnswers? in
                do {
                    let _: [Int] = try await main.call("ask", 1, "two")
                    return nil
                } catch {
                    return error as? IncompleteAnswers
                }
            }
            for client in clients { #expect(try await client.next() == question) }
            clients[0].send("3\(CallManyTests.firstID)[\"text\"]")
            await TestMachine.current.wait(.milliseconds(50))
            clients[1].send("3\(CallManyTests.firstID)[7]")
            let error = try #require(await call.value)
            #expect(error.reason == .failed && error.answers(as: Int.self) == [7])
            #expect(error.failures == ["argument 0: expected Int, found a string"])
        }
    }

    @Test("the answers before a timeout are returned without those of another type")
    func typesAtTimeout() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: CallManyTests.setUp) { cluster in
            let clients = try await cluster.join()
            _ = try await cluster.servers[0].join()
            let notes = Notes()
            CallManyTests.call(cluster.servers[1].main.everyone, notes, timeout: .milliseconds(500))
            for client in clients { #expect(try await client.next() == question) }
            clients[0].send("3\(CallManyTests.firstID)[\"text\"]")
            clients[1].send("3\(CallManyTests.firstID)[7]")
            try await eventually { notes.all == ["timedOut [7]"] }
        }
    }
}
