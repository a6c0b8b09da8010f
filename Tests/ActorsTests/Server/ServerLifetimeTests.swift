import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

@Suite("End of a server: closing, stopping, and releasing its objects", .overEachLink)
struct ServerLifetimeTests {
    @Test("closing waits for the clients even in a cancelled task")
    func closedInCancelledTask() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let client = try await server.join()
            let closing = server.machine.task {
                while !Task.isCancelled { await Task.yield() }
                await server.server.close(timeout: .seconds(30))
                return await server.server.status.connections
            }
            closing.cancel()
            #expect(try await client.end() == 1001)
            #expect(await closing.value == 0)
        }
    }

    @Test("two concurrent close calls both return")
    func closedTwice() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let client = try await server.join()
            async let first: Void = server.server.close(timeout: .seconds(30))
            async let second: Void = server.server.close(timeout: .seconds(30))
            #expect(try await client.end() == 1001)
            _ = await (first, second)
            #expect(await server.server.status.connections == 0)
        }
    }

    @Test("a close call with a longer timeout than another one returns when the last connection ends")
    func closedWithTwoTimeouts() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            // The connection stays open until the test closes it.
            let client = try TestConnection(port: server.port)
            try await eventually { await server.server.status.connections == 1 }
            async let long: Void = server.server.close(timeout: .seconds(3600))
            await server.server.close(timeout: .milliseconds(20))
            client.close()
            await long
            #expect(await server.server.status.connections == 0)
        }
    }

    @Test("a server whose loop was stopped still returns its status and can be closed")
    func stoppedLoop() async throws {
        let host = try await TestHub()
        let server = try await TestServer(on: host)
        Self.ask(server)
        try await server.listen()
        let client = try await server.join()
        #expect(try await client.next() == #"420["ask"]"#)
        server.loop.stop()
        try await eventually {
            server.notes.all.sorted() == ["asked", "no answer: the client is not connected", "transportClose"]
        }
        #expect(await server.server.status.connections == 0)
        await server.server.close(timeout: .seconds(3600))
        await server.end()
        await host.end()
    }

    /// Sends each client an event and waits for an acknowledgement that does not arrive.
    private static func ask(_ server: TestServer) {
        let (notes, machine) = (server.notes, server.machine)
        server.main.onConnection { socket in
            notes.add("asked")
            machine.task {
                do {
                    _ = try await socket.emitWithAcknowledgement("ask", timeout: .seconds(3600))
                } catch {
                    notes.add("no answer: \(error)")
                }
            }
        }
        server.main.onDisconnect { _, reason in notes.add("\(reason)") }
    }

    @Test("the loops and the hub are released after a server's end", arguments: [true, false])
    func released(isClosed: Bool) async throws {
        let references = try await serveAndEnd(isClosed: isClosed)
        try await eventually { references.areReleased }
    }

    @Test("the loops and the hub are released even if messages and claims lack answers", arguments: [true, false])
    func releasedUnanswered(isClosed: Bool) async throws {
        let references = try await endUnanswered(isClosed: isClosed)
        try await eventually { references.areReleased }
    }

    /// Weak references to the objects that a server must release.
    private struct References {
        weak var loop: EventLoop?
        weak var hubLoop: EventLoop?
        weak var hub: Hub?

        var areReleased: Bool { loop == nil && hubLoop == nil && hub == nil }
    }

    /// Serves clients of both transports with pending acknowledgements, and ends.
    /// - Parameter isClosed: True to close the server before its loop stops.
    private func serveAndEnd(isClosed: Bool) async throws -> References {
        let host = try await TestHub(recovery: RecoveryOptions())
        let server = try await TestServer(on: host)
        let references = References(loop: server.loop, hubLoop: host.loop, hub: host.hub)
        Self.ask(server)
        if isClosed {
            // A reference cycle that the application creates.
            let kept = server.server
            server.main.on("loop") { _, _ in kept.of("/").emit("hello") }
        }
        server.main.storesMessages(as: "message")
        try await server.listen()
        let client = try await server.join()
        #expect(try await client.next() == #"420["ask"]"#)
        let polling = try await PollingClient(port: server.port)
        try await polling.post("40")
        // The answer to the POST does not wait for the hub.
        try await eventually { server.notes.all.count { $0 == "asked" } == 2 }
        if isClosed { await server.end() }
        server.loop.stop()
        await server.endLink()
        await host.end()
        try await eventually { server.notes.all.count { $0 == "no answer: the client is not connected" } == 2 }
        client.close()
        return references
    }

    /// Ends while a message has no result, its sender is paused for this reason, and a claim has no answer.
    /// - Parameter isClosed: True to close the server before its loop stops.
    private func endUnanswered(isClosed: Bool) async throws -> References {
        let host = try await TestHub(recovery: RecoveryOptions())
        let server = try await TestServer(ServerOptions(maxInFlight: 1), on: host)
        let references = References(loop: server.loop, hubLoop: host.loop, hub: host.hub)
        storing(server)
        try await server.listen()
        let sender = try await server.join()
        server.store.hold()
        sender.send(#"20["message","waits"]"#)
        try await eventually { server.store.held == 1 }
        // A hub on the same loop answers claims immediately.
        if host.link != .direct {
            await server.endLink()
            let claimant = try await server.connect()
            claimant.send([#"0{"pid":"\#(SessionID.random())"}"#, "0/nowhere,"])
            #expect(try await claimant.next().hasPrefix("44/nowhere,"))
            claimant.close()
        }
        if isClosed { await server.server.close(timeout: .seconds(1)) }
        server.loop.stop()
        await server.endLink()
        server.store.release()
        await host.end()
        sender.close()
        return references
    }
}
