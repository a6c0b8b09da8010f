import Testing

@testable import Actors

@Suite("Cancellation of handlers", .overEachLink)
struct HandlerCancellationTests {
    /// Waits until the current task is cancelled.
    private static nonisolated(nonsending) func waitForCancellation(_ notes: Notes, _ name: String) async throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        notes.add("\(name) waits")
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
        notes.add("\(name) ends")
        try Task.checkCancellation()
    }

    @Test("closing the server cancels suspended handlers, also those of later events, and reports no errors")
    func closing() async throws {
        try await TestServer.run { server in
            let notes = server.notes
            server.main.on("go") { _, _ async throws in try await Self.waitForCancellation(notes, "first") }
            server.main.on("concurrent", concurrently: true) { _, _ async throws in
                try await Self.waitForCancellation(notes, "concurrent")
            }
            server.main.on("later") { _, _ async throws in try await Self.waitForCancellation(notes, "later") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["concurrent"]"#, #"2["go"]"#, #"2["later"]"#])
            try await eventually { server.notes.all == ["concurrent waits", "first waits"] }
            await server.server.close()
            try await eventually { server.notes.all.last == "later ends" }
            #expect(
                server.notes.all
                    == [
                        "concurrent waits", "first waits", "concurrent ends", "first ends", "later waits", "later ends",
                    ])
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("closing the server cancels suspended middleware")
    func middleware() async throws {
        try await TestServer.run { server in
            let notes = server.notes
            server.main.use { _ async throws in try await Self.waitForCancellation(notes, "middleware") }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            try await eventually { server.notes.all == ["middleware waits"] }
            await server.server.close()
            try await eventually { server.notes.all.last == "middleware ends" }
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("neither a disconnection nor closing cancels a disconnect handler, and a disconnection cancels no handler")
    func disconnected() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.main.on("go") { _, _ async in
                await gate.pass()
                server.notes.add("handler cancelled: \(Task.isCancelled)")
            }
            server.main.onDisconnect { _, _ async in
                await gate.pass()
                server.notes.add("disconnect handler cancelled: \(Task.isCancelled)")
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["go"]"#, "1"])
            try await eventually { await server.server.status.sockets == 0 }
            gate.letOnePass()
            try await eventually { server.notes.all == ["handler cancelled: false"] && gate.count == 1 }
            await server.server.close(timeout: .milliseconds(50))
            #expect(server.notes.all.count == 1)
            gate.open()
            try await eventually { server.notes.all.count == 2 }
            #expect(server.notes.all[1] == "disconnect handler cancelled: false")
        }
    }

    @Test("a handler that closes the server does not wait for itself, but for others", arguments: [false, true])
    func closingHandler(isChild: Bool) async throws {
        try await TestServer.run { server in
            let (notes, loop) = (server.notes, server.loop)
            server.main.on("close") { _, _ async in
                let start = loop.now
                if isChild {
                    async let closing: Void = server.server.close(timeout: .seconds(60))
                    await closing
                } else {
                    await server.server.close(timeout: .seconds(60))
                }
                notes.add("closed in time: \(loop.now - start < .seconds(30))")
            }
            server.main.onDisconnect { _, reason async in
                for _ in 0..<100 { await Task.yield() }
                notes.add(reason.rawValue)
            }
        } test: { server in
            let client = try await server.join()
            _ = try await server.join()
            client.send([#"2["close"]"#])
            try await eventually { server.notes.all.count == 3 }
            // The other client's handler is waited for. The caller's own one follows the event.
            #expect(
                server.notes.all == ["server shutting down", "closed in time: true", "server shutting down"])
        }
    }

    @Test("closing waits for the disconnect handlers that it starts")
    func awaited() async throws {
        try await TestServer.run { server in
            server.main.onDisconnect { _, reason async in
                for _ in 0..<100 { await Task.yield() }
                server.notes.add(reason.rawValue)
            }
        } test: { server in
            _ = try await server.join()
            await server.server.close()
            #expect(server.notes.all == ["server shutting down"])
        }
    }
}
