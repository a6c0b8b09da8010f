import Actors
import ChatApplication
import TestSupport
import Testing
import Transport

@testable import chatd

@Suite("Operator's commands: the JSON of a request")
struct AdminRequestTests {
    static let requests: [AdminRequest] = [
        .connections(limit: 1), .connections(limit: 10_000), .bans, .delete([5, 1]), .counters, .drain,
        .announce("Noon ☕\n\"quoted\""),
        .disconnect(.user("ada"), reason: "noise"),
        .ban(.user("user:ada"), for: .seconds(3600), reason: nil), .unban(.user("x")),
    ]

    @Test("what a command writes is read back", arguments: requests)
    func roundTrip(request: AdminRequest) throws {
        #expect(try AdminRequest(Array(request.json.utf8)) == request)
    }

    @Test(
        "anything else is refused with a reason",
        arguments: [
            "", "{}", "[]", "5", "{\"command\":5}", "{\"command\":\"format\"}", "{\"command\":\"connections\"}",
            "{\"command\":\"connections\",\"limit\":0}", "{\"command\":\"connections\",\"limit\":10001}",
            "{\"command\":\"ban\",\"target\":\"user:a\"}", "{\"command\":\"ban\",\"target\":\"user:a\",\"seconds\":0}",
            "{\"command\":\"ban\",\"target\":\"AAAAAAAAAAAAAAAAAAAA\",\"seconds\":5}",
            "{\"command\":\"delete\"}", "{\"command\":\"delete\",\"ids\":[]}",
            "{\"command\":\"delete\",\"ids\":[5,\"6\"]}", "{\"command\":\"delete\",\"ids\":[0]}",
            "{\"command\":\"delete\",\"ids\":[1.5]}", "{\"command\":\"delete\",\"ids\":5}",
            "{\"command\":\"disconnect\",\"target\":\"user:\"}", "{\"command\":\"announce\"}",
            "{\"command\":\"disconnect\",\"target\":\"user:a\",\"reason\":\"\"}",
        ])
    func malformed(text: String) {
        #expect(throws: AdminRequest.Malformed.self) { try AdminRequest(Array(text.utf8)) }
    }

    @Test("a reason, a text and a ban's time have limits")
    func limits() throws {
        let reason = String(repeating: "x", count: AdminRequest.maxReason)
        let fitting = AdminRequest.disconnect(.user("a"), reason: reason)
        #expect(try AdminRequest(Array(fitting.json.utf8)) == fitting)
        for request in [
            AdminRequest.disconnect(.user("a"), reason: reason + "x"),
            .announce(String(repeating: "x", count: AdminRequest.maxText + 1)),
            .delete(Array(1...Int64(AdminRequest.maxDeletions + 1))),
            .ban(.user("a"), for: Ban.maxDuration + .seconds(1), reason: nil),
        ] {
            #expect(throws: AdminRequest.Malformed.self) { try AdminRequest(Array(request.json.utf8)) }
        }
    }

    @Test("random changes of requests never trap", arguments: 0..<20 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var bytes = Self.requests.randomElement(using: &random).map { Array($0.json.utf8) } ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(8), at: index)
                }
            }
            _ = try? AdminRequest(bytes)
            _ = AdminAnswer(status: 200, body: bytes)
        }
    }
}
