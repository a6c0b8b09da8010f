import Testing

@testable import Actors

@Suite("Lost workers: their clients go on elsewhere")
struct LostWorkerTests {
    static func run(_ link: TestLink, test: (TestCluster) async throws -> Void) async throws {
        try await TestLink.$current.withValue(link) {
            try await TestCluster.run(setUp: ClusterTests.setUp, test: test)
        }
    }

    @Test(
        "the sessions of a worker that is gone are lost, and can be claimed", arguments: [TestLink.pipes, .simulated])
    func recovers(link: TestLink) async throws {
        try await Self.run(link) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.send(#"20["join","r"]"#)
            #expect(try await client.socket.next() == "430[]")
            await cluster.servers[0].cutLink()
            #expect(await cluster.host.hub.status.lostSessions == 1)
            cluster.servers[1].main.to("r").emit("missed")
            var back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(back.sid == client.sid)
            #expect(try await back.next() == #"42["missed"]"#)
        }
    }

    @Test(
        "messages that it sent are stored, and those that it had not sent are not acknowledged",
        arguments: [TestLink.pipes, .simulated])
    func messages(link: TestLink) async throws {
        try await Self.run(link) { cluster in
            let sender = try await cluster.servers[0].connect()
            sender.send("0")
            _ = try await sender.next()
            sender.send(#"20["message","stored"]"#)
            while try await sender.next() != "430[]" {}
            cluster.host.store.hold()
            sender.send(#"21["message","on its way"]"#)
            try await eventually { cluster.host.store.held == 1 }
            await cluster.servers[0].cutLink()
            cluster.host.store.release()
            let reader = try await cluster.servers[1].connect()
            reader.send("0")
            _ = try await reader.next()
            #expect(try await reader.next().hasPrefix(#"42["message","stored",1"#))
            #expect(try await reader.next().hasPrefix(#"42["message","on its way",2"#))
        }
    }

    @Test("while it is gone, the others go on in one order", arguments: [TestLink.pipes, .simulated])
    func others(link: TestLink) async throws {
        try await Self.run(link) { cluster in
            let (one, two) = (
                try await RecoveringClient(cluster.servers[1]), try await RecoveringClient(cluster.servers[2])
            )
            await cluster.servers[0].cutLink()
            for number in 0..<50 {
                one.socket.send(#"2["message","one \#(number)"]"#)
                two.socket.send(#"2["message","two \#(number)"]"#)
            }
            let seen = try await one.socket.next(100)
            #expect(try await two.socket.next(100) == seen)
        }
    }
}
