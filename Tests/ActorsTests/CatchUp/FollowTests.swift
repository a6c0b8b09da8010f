import Testing
import Transport

@testable import Actors

@Suite("Every client receives each stored message once, in order", .overEachLink)
struct FollowTests {
    static func row(_ text: String, _ id: Int) -> String { #"42["message","\#(text)",\#(id)]"# }

    static func rows(_ range: ClosedRange<Int>) -> [String] { range.map { row("m\($0)", $0) } }

    static func history(_ count: Int) -> [String] { (1...count).map { "m\($0)" } }

    @Test("a client without an offset receives all messages and then new ones")
    func allRows() async throws {
        try await TestServer.run(history: Self.history(3), setUp: storing) { server in
            let client = try await server.join()
            #expect(try await client.next(3) == Self.rows(1...3))
            client.send(#"2["message","m4"]"#)
            #expect(try await client.next() == Self.row("m4", 4))
        }
    }

    @Test(
        "a client receives the messages above its serverOffset",
        arguments: [("0", 1), ("2", 3), ("\"2\"", 3), ("5", 6), ("-1", 1), ("\"x\"", 1), ("null", 1)])
    func offset(offset: String, first: Int) async throws {
        try await TestServer.run(history: Self.history(5), setUp: storing) { server in
            let client = try await server.join(auth: "{\"serverOffset\":\(offset)}")
            client.send(#"2["message","m6"]"#)
            #expect(try await client.next(7 - first) == Self.rows(first...6))
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("an offset above the highest id is reported as foreign, and the client receives all messages")
    func foreign() async throws {
        try await TestServer.run(history: Self.history(5), setUp: storing) { server in
            let client = try await server.join(auth: #"{"serverOffset":6}"#)
            #expect(try await client.next(5) == Self.rows(1...5))
            #expect(server.reports.all == ["foreign offset"])
        }
    }

    @Test("a history of many pages arrives complete and in order")
    func pages() async throws {
        let count = 2000
        try await TestServer.run(history: Self.history(count), setUp: storing) { server in
            let client = try await server.join(auth: #"{"serverOffset":3}"#)
            #expect(try await client.next(count - 3) == Self.rows(4...count))
            #expect(await server.server.status.pages >= 3)
        }
    }

    @Test("only sockets of the namespace with stored messages receive them")
    func namespace() async throws {
        try await TestServer.run(history: Self.history(1), setUp: storing) { server in
            _ = server.server.of("/other")
            let client = try await server.connect()
            try await client.join("/other")
            let writer = try await server.join()
            #expect(try await writer.next() == Self.row("m1", 1))
            writer.send(#"20["message","m2"]"#)
            #expect(try await writer.next(2) == [Self.row("m2", 2), "430[]"])
            server.server.of("/other").emit("end")
            #expect(try await client.next() == #"42/other,["end"]"#)
        }
    }

    @Test("clients that connect while two others write receive each message once, in order")
    func comeWhileWriting() async throws {
        try await TestServer.run(history: Self.history(40), setUp: storing) { server in
            let writers = [try await server.join(), try await server.join()]
            let total = 40 + 2 * 150
            var readers: [(client: TestClient, start: Int)] = []
            for round in 0..<15 {
                for (index, writer) in writers.enumerated() {
                    writer.send((0..<10).map { #"2["message","w\#(index) \#(round * 10 + $0)"]"# })
                }
                let start = round * 2
                readers.append((try await server.join(auth: "{\"serverOffset\":\(start)}"), start))
            }
            let allRows = try await writers[0].next(total)
            #expect(allRows.prefix(40) == Self.rows(1...40)[...])
            #expect(allRows.map(id) == Array(1...total))
            for (index, _) in writers.enumerated() {
                let own = allRows.filter { $0.hasPrefix(#"42["message","w\#(index) "#) }
                #expect(own.map(text) == (0..<150).map { "w\(index) \($0)" })
            }
            #expect(try await writers[1].next(total) == allRows)
            for (client, start) in readers {
                #expect(try await client.next(total - start) == Array(allRows.dropFirst(start)))
            }
        }
    }

    @Test("a failed page read is reported and repeated, and no message is lost")
    func pageFails() async throws {
        try await TestServer.run(history: Self.history(3), setUp: storing) { server in
            server.store.failPages(1)
            let client = try await server.join()
            #expect(try await client.next(3) == Self.rows(1...3))
            #expect(server.reports.all.count == 1 && server.reports.all[0].hasPrefix("history failed"))
            client.send(#"2["message","m4"]"#)
            #expect(try await client.next() == Self.row("m4", 4))
        }
    }

    private func id(_ packet: String) -> Int { packet.split(separator: ",").last.flatMap { Int($0.dropLast()) } ?? 0 }

    private func text(_ packet: String) -> String {
        packet.split(separator: "\"").dropFirst(3).first.map { String($0) } ?? ""
    }
}
