import Testing

@testable import Actors

@Suite("Stored messages for a polling client", .overEachLink)
struct PollingFollowTests {
    @Test(
        "a polling client receives every page of missed messages and then new ones",
        arguments: [(count: 40, size: 10), (1500, 100), (60, 4000)])
    func pages(count: Int, size: Int) async throws {
        let padding = String(repeating: "x", count: size)
        try await TestServer.run(history: (1...count).map { "\($0) \(padding)" }, setUp: storing) { server in
            let client = try await PollingClient(port: server.port)
            try await client.post("40")
            var ids: [Int] = []
            while ids.count < count {
                let packets = try await client.get().filter { $0.hasPrefix("42") }
                ids += packets.compactMap { $0.split(separator: ",").last.flatMap { Int($0.dropLast()) } }
                try #require(ids == (0..<ids.count).map { $0 + 1 }, "in order, without duplicates")
            }
            try await client.post(#"42["message","new"]"#)
            #expect(try await client.get() == [#"42["message","new",\#(count + 1)]"#])
        }
    }
}
