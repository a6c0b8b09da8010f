import Testing

@testable import Actors

@Suite("Lost workers: their clients continue on other workers", .overPipes)
struct LostWorkerTests {
    static func run(_ test: (TestCluster) async throws -> Void) async throws {
        try await TestCluster.run(setUp: ClusterTests.setUp, test: test)
    }

    @Test("the sessions of a lost worker can be claimed")
    func recovers() async throws {
        try await Self.run { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.send(#"20["join","r"]"#)
            #expect(try await client.socket.next() == "430[]")
            await cluster.servers[0].kill()
            #expect(await cluster.host.hub.status.lostSessions == 1)
            cluster.servers[1].main.to("r").emit("missed")
            var back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(back.sid == client.sid)
            #expect(try await back.next() == #"42["missed"]"#)
        }
    }

    @Test("messages that a lost worker had submitted are stored")
    func messages() async throws {
        try await Self.run { cluster in
            let sender = try await cluster.servers[0].connect()
            sender.send("0")
            _ = try await sender.next()
            sender.send(#"20["message","stored"]"#)
            while try await sender.next() != "430[]" {}
            cluster.host.store.hold()
            sender.send(#"21["message","in flight"]"#)
            try await eventually { cluster.host.store.held == 1 }
            await cluster.servers[0].kill()
            cluster.host.store.release()
            let reader = try await cluster.servers[1].connect()
            reader.send("0")
            _ = try await reader.next()
            #expect(try await reader.next().hasPrefix(#"42["message","stored",1"#))
            #expect(try await reader.next().hasPrefix(#"42["message","in flight",2"#))
        }
    }

    @Test("after a worker is lost, the other workers' clients still receive all messages in one order")
    func others() async throws {
        try await Self.run { cluster in
            let (one, two) = (
                try await RecoveringClient(cluster.servers[1]), try await RecoveringClient(cluster.servers[2])
            )
            await cluster.servers[0].kill()
            for number in 0..<50 {
                one.socket.send(#"2["message","one \#(number)"]"#)
                two.socket.send(#"2["message","two \#(number)"]"#)
            }
            let received = try await one.socket.next(100)
            #expect(try await two.socket.next(100) == received)
        }
    }
}
