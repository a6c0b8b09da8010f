import Synchronization
import Testing
import Transport

@testable import Actors

@Suite("Clients cannot go around their rates", .overEachLink)
struct RateEvasionTests {
    @Test("a user who leaves with many messages owes ten seconds at most, at the next connection too")
    func leaves() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 10, burst: 10))
        try await TestServer.run(options) { server in
            RateTests.setUp(server)
            server.main.identify { _ in ClientIdentity(id: "ada") }
        } test: { server in
            for round in 0..<3 {
                let client = try await server.join()
                client.send(RateTests.notes(1000 * round..<1000 * round + 500) + ["1"])
                client.close()
                try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(20))
            }
            // The burst, and once what the user owes for ten seconds.
            #expect(server.notes.all.count < 200)
            #expect(await server.server.status.rateDrops > 1200)
            let next = try await server.join()
            next.send(RateTests.notes(5000..<5001))
            try await eventually({ server.notes.all.last == "5000" }, within: .seconds(20))
        }
    }

    @Test("a client without an identity and an address that counts leaves with ten seconds of messages at most")
    func leavesAlone() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 10, burst: 10))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            let client = try await server.join()
            client.send(RateTests.notes(0..<500) + ["1"])
            client.close()
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(20))
            #expect((100..<200).contains(server.notes.all.count))
            #expect(server.notes.all == (0..<server.notes.all.count).map(String.init))
        }
    }

    @Test("a client leaves ten seconds of its own rate at most, also if its address may send more")
    func leavesOwnDebt() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 10), messageRate: RateLimit(perSecond: 10, burst: 10))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            var address = TestClient.Options()
            address.address = "192.0.2.1"
            let client = try await server.join(address)
            client.send(RateTests.notes(0..<500) + ["1"])
            client.close()
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(20))
            #expect((100..<200).contains(server.notes.all.count))
        }
    }

    @Test(
        "a flood of frames without a message is read at the byte rate",
        arguments: [ClientFrames.frame(opcode: 9, []), ClientFrames.frame(opcode: 10, []), ClientFrames.text("3")])
    func frames(_ frame: [UInt8]) async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 6400, burst: 6400))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            let client = try await server.join()
            let start = server.loop.now
            // They cost 64 bytes each.
            client.send(frames: Array(repeatElement(frame, count: 400).joined()))
            try await eventually { await server.server.status.ratePauses >= 1 }
            // The first event may have been read together with the last frames.
            for _ in 0..<2 {
                client.send(#"21["note",1]"#)
                while try await client.next() != "431[]" {}
            }
            #expect(server.loop.now - start > .seconds(2))
            #expect(await server.server.status.ratePauses >= 1)
            #expect(await server.server.status.sessions == 1)
        }
    }

    @Test("a packet without a message counts its size too")
    func largePacket() async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 10_000, burst: 10_000))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            let client = try await server.join()
            let start = server.loop.now
            client.send(frames: ClientFrames.text("6" + String(repeating: "x", count: 40_000)))
            try await eventually { await server.server.status.ratePauses >= 1 }
            for _ in 0..<2 {
                client.send(#"21["note",1]"#)
                while try await client.next() != "431[]" {}
            }
            #expect(server.loop.now - start > .seconds(2))
        }
    }

    @Test("no connection of a user waits for ever while others of that user send large messages")
    func turns() async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 80_000, burst: 100_000))
        try await TestServer.run(options) { server in
            RateTests.setUp(server)
            server.main.identify { _ in ClientIdentity(id: "ada") }
        } test: { server in
            let large = String(repeating: "x", count: 60_000)
            var floods: [TestClient] = []
            for _ in 0..<3 {
                floods.append(try await server.join())
                floods.last?.send(Array(repeating: #"2["flood","\#(large)"]"#, count: 10))
            }
            let client = try await server.join()
            client.send(#"2["note",77]"#)
            try await eventually({ server.notes.all.contains("77") }, within: .seconds(15))
        }
    }

    @Test(
        "packets without a message take turns with the messages of others of the address",
        arguments: [(200, 40), (70_000, 1)])
    func noops(size: Int, count: Int) async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 4), byteRate: RateLimit(perSecond: 80_000, burst: 100_000))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            var address = TestClient.Options()
            address.address = "192.0.2.1"
            let noop = ClientFrames.text("6" + String(repeating: "x", count: size))
            var floods: [TestClient] = []
            for _ in 0..<8 { floods.append(try await server.join(address)) }
            let client = try await server.join(address)
            let frames = Array(repeatElement(noop, count: count).joined())
            for number in 0..<5 {
                client.send(RateTests.notes(number..<number + 1))
                var next = server.loop.now
                try await eventually(
                    {
                        // Each flood has more to send whenever it is read.
                        if server.loop.now >= next {
                            for flood in floods { flood.send(frames: frames) }
                            next = server.loop.now + .milliseconds(100)
                        }
                        return server.notes.all.count > number
                    }, within: .seconds(15))
            }
        }
    }

    @Test("new sessions that send pings and leave do not keep others of their address waiting for ever")
    func reconnecting() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 4), byteRate: RateLimit(perSecond: 6400, burst: 6400))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            var address = TestClient.Options()
            address.address = "192.0.2.1"
            let pings = Array(repeatElement(ClientFrames.frame(opcode: 9, []), count: 2000).joined())
            let client = try await server.join(address)
            for number in 0..<5 {
                client.send(RateTests.notes(number..<number + 1))
                try await eventually(
                    {
                        let flood = try await server.join(address)
                        flood.send(frames: pings)
                        await TestMachine.current.wait(.milliseconds(200))
                        flood.close()
                        return server.notes.all.count > number
                    }, within: .seconds(15))
            }
        }
    }

    @Test("a handler of events over the rate may close the connection, and those of the same user go on")
    func closedForExcess() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 2, burst: 4))
        try await TestServer.run(options) { server in
            RateTests.setUp(server)
            server.main.identify { _ in ClientIdentity(id: "ada") }
            server.main.onExcess { socket, event, _ in
                if event.name == "flood" { socket.disconnect(close: true) }
                return nil
            }
        } test: { server in
            let (flood, client) = (try await server.join(), try await server.join())
            flood.send((0..<20).map { #"2\#($0)["flood"]"# })
            try await eventually { await server.server.status.sessions == 1 }
            for number in 0..<3 {
                client.send(RateTests.notes(number..<number + 1))
                try await eventually({ server.notes.all.count > number }, within: .seconds(5))
            }
        }
    }

    @Test("a message that ends its connection is not counted as one that was left behind")
    func endsItself() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 2, burst: 2))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            server.main.on("leave") { socket, _ in socket.disconnect(close: true) }
            let client = try await server.join()
            client.send(RateTests.notes(0..<3) + [#"2["leave"]"#] + RateTests.notes(3..<6))
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(10))
            #expect(server.notes.all == ["0", "1", "2"])
            #expect(await server.server.status.rateDrops == 3)
        }
    }

    @Test("messages that wait for their rate wait for a handler that is full, too")
    func fullHandler() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1000, burst: 10))
        let gate = Gate()
        let socket = Mutex<Socket?>(nil)
        try await TestServer.run(options) { server in
            RateTests.setUp(server)
            server.main.onConnection { joined in socket.withLock { $0 = joined } }
            server.main.on("slow") { _, _ in
                await gate.pass()
            }
        } test: { server in
            let client = try await server.join()
            let limit = server.loop.limits.waitingEvents
            let start = server.loop.now
            client.send([#"2["slow"]"#] + RateTests.notes(0..<limit + 500))
            let joined = try #require(socket.withLock { $0 })
            try await eventually { await Self.waitingEvents(of: joined) == limit }
            // After this time, the rate allows all of them.
            try await eventually {
                #expect(await Self.waitingEvents(of: joined) == limit)
                return server.loop.now - start > .milliseconds(limit + 1000)
            }
            gate.open()
            try await eventually({ server.notes.all.count == limit + 500 }, within: .seconds(10))
            #expect(server.notes.all == (0..<limit + 500).map(String.init))
        }
    }

    private static func waitingEvents(of socket: isolated Socket) -> Int { socket.inputs.count }

    @Test("messages that wait when the server ends a connection are counted")
    func endedByServer() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 2))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            let client = try await server.join()
            client.send(RateTests.notes(0..<20))
            try await eventually { await server.server.status.ratePauses == 1 }
            let handled = server.notes.all.count
            server.main.disconnectSockets(close: true)
            try await eventually { await server.server.status.sessions == 0 }
            #expect(await server.server.status.rateDrops == 20 - handled)
        }
    }

    @Test("a ping does not shorten the debt of a large message")
    func pingAfterMessage() async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 1000, burst: 1000))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            let client = try await server.join()
            let start = server.loop.now
            let large = ClientFrames.text(#"42["note","\#(String(repeating: "x", count: 20_000))"]"#)
            client.send(frames: large + ClientFrames.frame(opcode: 9, []) + ClientFrames.text(#"42["note",2]"#))
            try await eventually({ server.notes.all.count == 2 }, within: .seconds(40))
            #expect(server.loop.now - start > .seconds(18))
        }
    }

    @Test("a quiet client's pong is read although another client of its address is over the rate")
    func pong() async throws {
        let limits = AddressLimits(rateFactor: 1)
        let options = ServerOptions(addressLimits: limits, byteRate: RateLimit(perSecond: 6400, burst: 6400))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            var address = TestClient.Options()
            address.address = "192.0.2.1"
            let (flood, quiet) = (try await server.join(address), try await server.join(address))
            flood.send([#"2["note","\#(String(repeating: "x", count: 40_000))"]"#, #"2["note",2]"#])
            try await eventually { await server.server.status.ratePauses == 1 }
            quiet.send(packet: "3")
            let other = try await server.join()
            other.send(#"21["note",3]"#)
            #expect(try await other.next() == "431[]")
            #expect(await server.server.status.ratePauses == 1)
            quiet.send(#"2["note",4]"#)
            try await eventually { await server.server.status.ratePauses == 2 }
        }
    }
}
