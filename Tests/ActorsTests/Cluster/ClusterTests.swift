import Testing

@testable import Actors

@Suite("Cluster: many workers behave like one server", .overEveryLink)
struct ClusterTests {
    static func setUp(_ server: TestServer) {
        server.main.storesMessages(as: "message")
        server.main.on("join") { socket, event in
            for room in event.texts { socket.join(room) }
            event.acknowledgement?()
        }
        server.main.on("leave") { socket, event in
            for room in event.texts { socket.leave(room) }
            event.acknowledgement?()
        }
        server.main.on("message") { socket, event in
            socket.store(draft(event.texts[0]), acknowledgement: event.acknowledgement)
        }
        server.main.on("tell") { socket, event in socket.to(event.texts[0]).emit("told", event.rest) }
        server.main.on("tell all") { socket, event in socket.broadcast.emit("told", event.arguments) }
        server.main.on("except") { socket, event in
            server.main.everyone.except(event.texts[0]).emit("told", event.rest)
        }
    }

    @Test("a room may have members on every worker")
    func rooms() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            for client in clients.dropFirst() {
                client.send(#"20["join","r","s"]"#)
                #expect(try await client.next() == "430[]")
            }
            // A member of several rooms receives the event once.
            clients[0].send(#"2["tell","r",1]"#)
            for client in clients.dropFirst() { #expect(try await client.next() == #"42["told",1]"#) }
            clients[1].send(#"21["leave","r"]"#)
            #expect(try await clients[1].next() == "431[]")
            clients[0].send([#"2["tell","r",2]"#, #"2["except","r",3]"#, #"2["tell","s",4]"#])
            #expect(try await clients[1].next(2) == [#"42["told",3]"#, #"42["told",4]"#])
            #expect(try await clients[2].next(2) == [#"42["told",2]"#, #"42["told",4]"#])
            #expect(try await clients[0].next() == #"42["told",3]"#)
        }
    }

    @Test("a socket's id names its room on every worker")
    func ownRooms() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let client = try await cluster.servers[0].connect()
            let id = try await client.join()
            let other = try await cluster.servers[1].join()
            other.send([#"2["tell","\#(id)",1]"#, #"2["except","\#(id)",2]"#, #"2["tell all",3]"#])
            #expect(try await client.next(2) == [#"42["told",1]"#, #"42["told",3]"#])
            #expect(try await other.next() == #"42["told",2]"#)
        }
    }

    @Test("concurrent events and messages arrive in the same order on every worker")
    func oneOrder() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let readers = try await cluster.join()
            let senders = try await cluster.join()
            let count = 100
            for number in 0..<count {
                for (index, sender) in senders.enumerated() {
                    sender.send([#"2["tell all","\#(index) \#(number)"]"#, #"2["message","\#(index) \#(number)"]"#])
                }
            }
            let total = 2 * count * senders.count
            let first = try await readers[0].next(total)
            for reader in readers.dropFirst() { #expect(try await reader.next(total) == first) }
            for index in senders.indices {
                let told = first.filter { $0.hasPrefix(#"42["told","\#(index) "#) }
                #expect(told == (0..<count).map { #"42["told","\#(index) \#($0)"]"# }, "each sender's own order")
            }
        }
    }

    @Test("a client that connects late receives the stored messages of every worker, once and in order")
    func catchesUp() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let senders = try await cluster.join()
            for number in 0..<50 {
                for sender in senders { sender.send(#"2["message","\#(number)"]"#) }
            }
            for server in cluster.servers {
                let late = try await server.join()
                let packets = try await late.next(150)
                #expect(packets.map { $0.split(separator: ",").last } == (1...150).map { "\($0)]" })
            }
        }
    }

    @Test("a lost client recovers its rooms, its data and every missed event on another worker")
    func recovers() async throws {
        try await TestCluster.run { server in
            Self.setUp(server)
            server.main.onConnection { socket in
                server.notes.add("\(socket.isRecovered) \(socket.rooms.count) \(socket.data?.description ?? "-")")
                if !socket.isRecovered { socket.setData(JSONText(integer: 7)) }
            }
        } test: { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.send(#"20["join","r"]"#)
            #expect(try await client.socket.next() == "430[]")
            let other = try await cluster.servers[1].connect()
            other.send("0")
            _ = try await other.next()
            client.socket.reset()
            try await eventually { await cluster.host.hub.status.lostSessions == 1 }
            other.send([
                #"2["tell","r",1]"#, #"2["tell","another",2]"#, #"2["tell","\#(client.sid)","a string"]"#,
                #"2["tell all",3]"#, #"2["except","r",4]"#,
            ])
            #expect(try await other.next().hasPrefix(#"42["told",4"#))
            var back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(back.sid == client.sid && back.pid == client.pid)
            #expect(try await back.next(3) == [#"42["told",1]"#, #"42["told","a string"]"#, #"42["told",3]"#])
            #expect(cluster.servers[2].notes.all == ["true 2 7"])
            other.send(#"2["tell","r","live"]"#)
            #expect(try await back.next() == #"42["told","live"]"#)
        }
    }

    @Test("a claim on another worker closes the old connection if it is still open")
    func claimsWhileConnected() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            var back = try await RecoveringClient(cluster.servers[1], lost: client)
            #expect(back.sid == client.sid)
            _ = try await client.socket.end()
            cluster.servers[2].main.to(client.sid).emit("here")
            #expect(try await back.next() == #"42["here"]"#)
        }
    }

    @Test("an acknowledged join on the old worker is effective after a recovery on another one")
    func doneBefore() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            for round in 0..<20 {
                let client = try await RecoveringClient(cluster.servers[round % 3])
                client.socket.send(#"20["join","room \#(round)"]"#)
                #expect(try await client.socket.next() == "430[]")
                // The old connection is still open; its worker learns of the claim from the hub.
                var back = try await RecoveringClient(cluster.servers[(round + 1) % 3], lost: client)
                #expect(back.sid == client.sid)
                cluster.servers[0].main.to("room \(round)").emit("in it")
                #expect(try await back.next() == #"42["in it"]"#)
            }
        }
    }

    @Test("a client that one worker disconnected cannot recover its session on another", arguments: [false, true])
    func disconnected(close: Bool) async throws {
        try await TestCluster.run { server in
            server.main.on("out") { socket, _ in socket.disconnect(close: close) }
        } test: { cluster in
            for round in 0..<20 {
                let client = try await RecoveringClient(cluster.servers[round % 3])
                client.socket.send(#"2["out"]"#)
                #expect(try await client.socket.next() == "41")
                let back = try await RecoveringClient(cluster.servers[(round + 1) % 3], lost: client)
                #expect(back.pid != client.pid)
            }
        }
    }
}

extension Event {
    /// The string arguments.
    var texts: [String] {
        arguments.compactMap { if case .json(let text) = $0 { text.string } else { nil } }
    }

    /// The arguments after the first one.
    var rest: Arguments { Arguments(Array(arguments.dropFirst())) }
}
