import Testing
import Transport

@testable import Actors

@Suite("Events between servers", .overEachLink)
struct ServerEventTests {
    /// Sets up a server that notes the events of the others.
    static func setUp(_ server: TestServer) {
        let notes = server.notes
        server.server.onServerSide("news") { (number: Int, text: String?) in notes.add("\(number) \(text ?? "-")") }
        server.server.onServerSide("double") { (number: Int) in 2 * number }
        server.server.onServerSide("port") { [port = server.port] in Int(port) }
        server.server.onServerSide("echo") { (arguments: Arguments) in arguments }
        server.server.onServerSide("slow") { [machine = server.machine] (number: Int) async in
            await machine.wait(.milliseconds(100))
            return number
        }
        server.server.onServerSide("fail") { () throws -> Void in throw ConnectError("not here") }
        server.server.onServerSide("fail slowly") { () async throws -> Int in throw ConnectError("not now") }
    }

    @Test("an event reaches the handlers of every other server, in the order of the calls")
    func emits() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            try cluster.servers[0].server.serverSideEmit("news", 1, "one")
            try cluster.servers[0].main.serverSideEmit("news", 2)
            cluster.servers[0].main.serverSideEmit("no handler")
            for server in cluster.servers.dropFirst() {
                try await eventually { server.notes.all == ["1 one", "2 -"] }
            }
            #expect(cluster.servers[0].notes.all.isEmpty)
            #expect(cluster.servers[1].reports.all.isEmpty)
        }
    }

    @Test("a call returns the results of the other servers' handlers, synchronous and asynchronous")
    func calls() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let servers = cluster.servers
            #expect(try await servers[0].server.callServers("double", 21) as [Int] == [42, 42])
            let ports = try await servers[0].server.callServers("port") as [Int]
            #expect(Set(ports) == Set(servers.dropFirst().map { Int($0.port) }))
            #expect(try await servers[1].main.callServers("slow", 5) as [Int] == [5, 5])
            let arguments: Arguments = [.json(JSONText(integer: 1)), .binary([1, 2])]
            let echoes = try await servers[2].main.serverSideEmitWithAcknowledgements("echo", arguments)
            #expect(echoes == [arguments, arguments])
        }
    }

    @Test("without other servers there are no answers, at once")
    func alone() async throws {
        try await TestCluster.run(1, recovery: nil, setUp: Self.setUp) { cluster in
            let answers: [Int] = try await cluster.servers[0].server.callServers("double", 21)
            #expect(answers.isEmpty)
        }
    }

    @Test("a missing handler and a failed handler are errors at once, with the answers of the others")
    func failures() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let servers = cluster.servers
            servers[1].main.onServerSide("some") { 7 }
            let missing = try await failure { _ = try await servers[0].main.callServers("some") as [Int] }
            #expect(missing?.reason == .failed && missing?.failures == [#"no handler of the server event "some" in /"#])
            #expect(missing?.answers(as: Int.self) == [7])
            let thrown = try await failure { _ = try await servers[0].main.callServers("fail") as [Int] }
            #expect(thrown?.failures.count == 2 && thrown?.failures[0].contains("not here") == true)
            let slow = try await failure { _ = try await servers[0].main.callServers("fail slowly") as [Int] }
            #expect(slow?.failures.count == 2)
            let rejected = try await failure { _ = try await servers[0].main.callServers("double", "x") as [Int] }
            #expect(rejected?.failures.first == "argument 0: expected Int, found a string")
            #expect(servers[1].reports.all.count == 3 && servers[0].reports.all.isEmpty)
        }
    }

    @Test("an answer of another type is a failure; the other answers are returned with the error")
    func types() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            cluster.servers[1].main.onServerSide("some") { 7 }
            cluster.servers[2].main.onServerSide("some") { "text" }
            let error = try await failure { _ = try await cluster.servers[0].main.callServers("some") as [Int] }
            #expect(error?.reason == .failed && error?.answers(as: Int.self) == [7])
            #expect(error?.failures == ["argument 0: expected Int, found a string"])
        }
    }

    @Test("an event that does not fit in a frame is refused, an answer above the limit of answers too")
    func tooLarge() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: Self.setUp) { cluster in
            let (main, reports) = (cluster.servers[0].main, cluster.servers[0].reports)
            let large: Arguments = [.binary([UInt8](repeating: 0, count: Limits().inquiryEvent))]
            main.serverSideEmit("echo", large)
            try await eventually { !reports.all.isEmpty }
            #expect(reports.all == [#"not sent: the server event "echo" is larger than 32 MiB"#])
            let event = try await failure { _ = try await main.serverSideEmitWithAcknowledgements("echo", large) }
            #expect(event?.reason == .eventTooLarge)
            cluster.servers[1].main.onServerSide("large") { [UInt8](repeating: 0, count: Limits().inquiryAnswers) }
            let answer = try await failure { _ = try await main.callServers("large") as [[UInt8]] }
            #expect(answer?.reason == .tooLarge)
            #expect(try await main.callServers("double", 21) as [Int] == [42], "the link to the hub is intact")
        }
    }

    private func failure(_ body: () async throws -> Void) async throws -> IncompleteAnswers? {
        do {
            try await body()
            return nil
        } catch let error as IncompleteAnswers {
            return error
        }
    }

    @Test("the timeout ends a call with the answers so far, and cancelling ends it at once")
    func ends() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let main = cluster.servers[0].main
            cluster.servers[1].main.onServerSide("mixed") { 1 }
            cluster.servers[2].main.onServerSide("mixed") { [machine = TestMachine.current] () async in
                await machine.wait(.seconds(3600))
                return 1
            }
            let error = try await failure {
                _ = try await main.callServers("mixed", timeout: .milliseconds(300)) as [Int]
            }
            #expect(error?.reason == .timedOut && error?.answers.count == 1)
            let notes = Notes()
            let task = TestMachine.current.task {
                do {
                    _ = try await main.callServers("mixed", timeout: .seconds(3600)) as [Int]
                } catch {
                    notes.add("\(error)")
                }
            }
            await TestMachine.current.wait(.milliseconds(100))
            task.cancel()
            try await eventually({ notes.all == ["CancellationError()"] }, within: .milliseconds(50))
            for server in cluster.servers {
                try await eventually { await server.main.everyone.worker?.inquiries.unanswered.isEmpty == true }
            }
        }
    }

    @Test("all handlers run, and the first one to return gives the answer; a removed handler is not called")
    func several() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: Self.setUp) { cluster in
            let (asker, other) = (cluster.servers[0].main, cluster.servers[1].main)
            let notes = cluster.servers[1].notes
            other.onServerSide("several") { [machine = cluster.servers[1].machine] () async -> Int in
                await machine.wait(.milliseconds(10))
                notes.add("slow")
                return 1
            }
            let token = other.onServerSide("several") { () -> Int in
                notes.add("fast")
                return 2
            }
            #expect(try await asker.callServers("several") as [Int] == [2])
            try await eventually { notes.all == ["fast", "slow"] }
            other.off(token)
            #expect(try await asker.callServers("several") as [Int] == [1])
            other.offServerSide("several")
            await #expect(throws: IncompleteAnswers.self) { try await asker.callServers("several") as [Int] }
            #expect(notes.all == ["fast", "slow", "slow"])
        }
    }

    @Test("events belong to a namespace")
    func namespaces() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: Self.setUp) { cluster in
            let asker = cluster.servers[0].server.of("/n")
            let error = try await failure { _ = try await asker.callServers("double", 1) as [Int] }
            #expect(error?.failures == [#"no handler of the server event "double" in /n"#])
            cluster.servers[1].server.of("/n").onServerSide("double") { (number: Int) in 4 * number }
            #expect(try await asker.callServers("double", 1) as [Int] == [4])
        }
    }

    @Test("the children of a parent namespace take over its handlers")
    func children() async throws {
        try await TestCluster.run(2, recovery: nil) { server in
            let parent = server.server.of(matching: /\/d.*/)
            parent.onServerSide("double") { (number: Int) in 2 * number }
            _ = parent.child("/d1")
        } test: { cluster in
            let answers: [Int] = try await cluster.servers[0].server.of("/d1").callServers("double", 21)
            #expect(answers == [42])
        }
    }

    @Test("a handler that ends because its server closes is not reported")
    func closing() async throws {
        try await TestCluster.run(2, recovery: nil) { server in
            server.server.onServerSide("endless") { [notes = server.notes] () async throws in
                notes.add("begun")
                for await _ in AsyncStream.makeStream(of: Never.self).stream {}
                try Task.checkCancellation()
            }
        } test: { cluster in
            cluster.servers[0].server.serverSideEmit("endless")
            try await eventually { cluster.servers[1].notes.all == ["begun"] }
            await cluster.servers[1].server.close()
            #expect(cluster.servers[1].reports.all.isEmpty)
        }
    }

    @Test("an event above the limit of running handlers is refused and reported")
    func limit() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: Self.setUp) { cluster in
            let main = cluster.servers[0].main
            let (notes, machine) = (cluster.servers[1].notes, TestMachine.current)
            cluster.servers[1].main.onServerSide("wait") {
                await machine.wait(.seconds(1))
                notes.add("waited")
            }
            for _ in 0..<1024 { main.serverSideEmit("wait") }
            let error = try await failure { _ = try await main.callServers("wait") as [Int?] }
            #expect(error?.failures.first?.hasSuffix("1024 handlers of server events are running") == true)
            #expect(cluster.servers[1].reports.all.count == 1)
            try await eventually { notes.all.count == 1024 }
            await #expect(throws: Never.self) { try await main.callServers("wait") as [Int?] }
        }
    }
}
