import Testing
import Transport

@testable import Actors

@Suite("Worker: inquiries that wait for others", .overDirectLink)
struct WaitingInquiryTests {
    @Test("many waiting inquiries without recipients end one after the other, not within each other")
    func manyWithoutRecipients() async throws {
        var limits = Limits.ofTests
        limits.openInquiries = 1
        try await ScriptedServer.run(limits) { server, _ in
            let (client, _) = try await server.join()
            let local = server.server.main.local
            let machine = TestMachine.current
            let first = machine.task {
                try? await local.call("ask", timeout: .seconds(Int.max)) as [Int]
            }
            let question = try await client.next()
            let nobody = local.to("nobody")
            let others = (0..<20_000).map { _ in
                machine.task { try? await nobody.call("ask", timeout: .seconds(Int.max)) as [Int] }
            }
            let worker = try #require(server.server.main.everyone.worker)
            try await eventually { await worker.inquiries.window.numbers.count == 20_001 }
            client.send("3\(question.dropFirst(2).prefix { $0.isNumber })[7]")
            #expect(await first.value == [7])
            for other in others { #expect(await other.value == []) }
        }
    }
}
