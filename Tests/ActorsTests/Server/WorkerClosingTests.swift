import Testing
import Transport

@testable import Actors

@Suite("Worker: closing", .overDirectLink)
struct WorkerClosingTests {
    private static var limits: Limits {
        var limits = Limits.ofTests
        limits.openInquiries = 4
        return limits
    }

    /// Starts a call of all clients and notes its error.
    private func call(_ number: Int, _ server: ScriptedServer, _ notes: Notes) -> Task<Void, Never> {
        let main = server.server.main
        return TestMachine.current.task {
            do {
                let _: [Int] = try await main.call("ask", number, timeout: .seconds(Int.max))
            } catch {
                notes.add("\(number): \(error)")
            }
        }
    }

    private func requests(_ hub: ScriptedAdapter) -> [String] { hub.batches.flatMap { $0 } }

    @Test("closing the server ends calls and fetches; later ones fail at once")
    func closing() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            let calls = (1...5).map { call($0, server, notes) }
            let fetch = TestMachine.current.task {
                do { _ = try await server.server.fetchSockets(timeout: .seconds(3600)) } catch { notes.add("\(error)") }
            }
            try await eventually { requests(hub).count == 5 }
            await server.server.close(timeout: .zero)
            for task in calls + [fetch] { await task.value }
            #expect(
                Set(notes.all)
                    == Set((1...5).map { "\($0): the server is closed, with 0 answers" } + ["the server is closed"]))
            let later = requests(hub).dropFirst(5)
            #expect(later.count == 4 && later.allSatisfy { $0.hasPrefix("dismiss") }, "the waiting call is not sent")
            await call(6, server, notes).value
            #expect(notes.all.last == "6: the server is closed, with 0 answers")
            await #expect(throws: FetchError.self) { try await server.server.fetchSockets() }
        }
    }

    @Test("requests that are queued for the end of the turn are sent before the server has closed")
    func lastRequests() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let worker = try #require(server.server.main.everyone.worker)
            let sent = await worker.close(afterQueueing: .countWorkers(7)) { requests(hub).count }
            #expect(sent == 1)
        }
    }
}

extension Worker {
    /// Closes the worker in the turn in which it has queued a request.
    fileprivate func close<Result>(afterQueueing request: HubRequest, then body: () -> Result) -> Result {
        submit(request)
        close()
        return body()
    }
}
