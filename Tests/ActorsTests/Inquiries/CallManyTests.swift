import Testing
import Transport

@testable import Actors

@Suite("Calls to many clients collect the answers of all workers", .overEachLink)
struct CallManyTests {
    static let firstID = AcknowledgementIDs.hub(1)

    static func setUp(_ server: TestServer) { _ = server.main }

    /// Calls the clients of an audience and notes the outcome.
    @discardableResult
    static func call(
        _ audience: Audience, _ notes: Notes, timeout: Duration = .seconds(5)
    ) -> Task<Void, Never> {
        TestMachine.current.task {
            do {
                let answers: [Int] = try await audience.call("ask", 1, "two", timeout: timeout)
                notes.add("\(answers)")
            } catch let error as IncompleteAnswers {
                notes.add("\(error.reason) \(error.answers(as: Int.self))")
            } catch {
                notes.add("\(error)")
            }
        }
    }

    private func question(_ id: UInt64 = firstID) -> String { #"42\#(id)["ask",1,"two"]"# }

    @Test("every client of every worker gets the same packet, and the answers come in the order of their arrival")
    func everyone() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join() + cluster.join()
            let notes = Notes()
            Self.call(cluster.servers[1].main.everyone, notes)
            for client in clients { #expect(try await client.next() == question()) }
            for (index, client) in clients.enumerated() {
                #expect(notes.all.isEmpty)
                client.send("3\(Self.firstID)[\(index),\"ignored\"]")
                await TestMachine.current.wait(.milliseconds(50))
            }
            try await eventually { notes.all == ["[0, 1, 2, 3, 4, 5]"] }
        }
    }

    @Test("rooms and exceptions select the clients; an audience without clients gives no answers at once")
    func rooms() async throws {
        try await TestCluster.run(recovery: nil, setUp: ClusterTests.setUp) { cluster in
            let clients = try await cluster.join()
            for client in clients.dropFirst() {
                client.send(#"20["join","r"]"#)
                #expect(try await client.next() == "430[]")
            }
            let notes = Notes()
            let main = cluster.servers[0].main
            for audience in [main.to([]), main.to("no such room"), cluster.servers[0].server.of("/other").everyone] {
                await Self.call(audience, notes).value
            }
            #expect(notes.all == ["[]", "[]", "[]"])
            Self.call(main.to("r"), notes)
            Self.call(main.except("r"), notes)
            #expect(try await clients[0].next().hasSuffix(#"["ask",1,"two"]"#))
            clients[0].send("3\(AcknowledgementIDs.hub(2))[0]")
            for (index, client) in clients.enumerated().dropFirst() {
                #expect(try await client.next() == question())
                client.send("3\(Self.firstID)[\(index)]")
            }
            try await eventually { notes.all.count == 5 }
            #expect(Set(notes.all.suffix(2).map { $0.count }) == [3, 6])
            main.emit("end")
            for client in clients { #expect(try await client.next() == #"42["end"]"#) }
        }
    }

    @Test("the timeout is an error with the answers that arrived; later ones have no effect")
    func timeout() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let notes = Notes()
            Self.call(cluster.servers[0].main.everyone, notes, timeout: .milliseconds(500))
            for client in clients { #expect(try await client.next() == question()) }
            clients[2].send("3\(Self.firstID)[2]")
            clients[1].send(["3\(Self.firstID)[1]", "3\(Self.firstID)[7]"])
            try await eventually { !notes.all.isEmpty }
            #expect(["timedOut [2, 1]", "timedOut [1, 2]"].contains(notes.all[0]))
            for client in clients { client.send("3\(Self.firstID)[8]") }
            // The workers have forgotten the inquiry.
            await TestMachine.current.wait(.milliseconds(50))
            for server in cluster.servers {
                #expect(await server.server.endpoint?.worker.inquiries.clients.isEmpty == true)
            }
            #expect(notes.all.count == 1)
        }
    }

    @Test("the wait ends with the answers so far as soon as nobody can answer any more", arguments: ["41", "1"])
    func clientsLeave(packet: String) async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let notes = Notes()
            Self.call(cluster.servers[0].main.everyone, notes, timeout: .seconds(3600))
            for client in clients { #expect(try await client.next() == question()) }
            clients[1].send("3\(Self.firstID)[1]")
            for client in [clients[0], clients[2]] { client.send(packet: packet) }
            try await eventually({ notes.all == ["recipientsGone [1]"] }, within: .seconds(5))
        }
    }

    @Test("a client that is lost does not get the event when it resumes its session")
    func recovered() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.reset()
            try await eventually { await cluster.host.hub.status.lostSessions == 1 }
            let notes = Notes()
            await Self.call(cluster.servers[1].main.everyone, notes).value
            #expect(notes.all == ["[]"])
            cluster.servers[1].main.emit("after", [.json(JSONText(integer: 1))])
            var back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(try await back.next() == #"42["after",1]"#)
        }
    }

    @Test("the event follows the earlier events, and carries no offset even if it ends in a string")
    func order() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            let main = cluster.servers[1].main
            main.emit("before", [.json(JSONText(integer: 1))])
            Self.call(main.everyone, Notes())
            let packets = try await client.socket.next(2)
            #expect(packets[0].hasPrefix(#"42["before",1,""#) && packets[1] == question())
        }
    }

    @Test("local calls ask the clients of one worker only, without the hub")
    func local() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let notes = Notes()
            Self.call(cluster.servers[0].main.local, notes)
            let id = AcknowledgementIDs.local(1)
            #expect(try await clients[0].next() == question(id))
            clients[0].send("3\(id)[5]")
            try await eventually { notes.all == ["[5]"] }
            Self.call(cluster.servers[0].main.local, notes, timeout: .milliseconds(100))
            #expect(try await clients[0].next() == question(AcknowledgementIDs.local(2)))
            try await eventually { notes.all.last == "timedOut []" }
            cluster.servers[1].main.emit("end")
            for client in clients { #expect(try await client.next() == #"42["end"]"#) }
        }
    }

    @Test("binary data goes both ways, and clients of a namespace answer in it")
    func binary() async throws {
        try await TestCluster.run(2, recovery: nil) { server in
            _ = server.server.of("/n")
        } test: { cluster in
            let client = try await cluster.servers[0].connect()
            try await client.join("/n")
            let namespace = cluster.servers[1].server.of("/n")
            let notes = Notes()
            TestMachine.current.task {
                let answers = try? await namespace.emitWithAcknowledgements("ask", [.binary([1, 2])])
                notes.add("\(answers?.map { Array($0) } ?? [])")
            }
            #expect(
                try await client.next(2) == [
                    #"451-/n,\#(Self.firstID)["ask",{"_placeholder":true,"num":0}]"#, "binary [1, 2]",
                ])
            client.send(#"61-/n,\#(Self.firstID)[{"_placeholder":true,"num":0},1]"#)
            client.send(binary: [3])
            try await eventually { !notes.all.isEmpty }
            #expect(notes.all == ["\([[Argument.binary([3]), .json(JSONText(integer: 1))]])"])
        }
    }

    @Test("a handler asks the other clients, and its call follows its earlier calls")
    func handler() async throws {
        try await TestCluster.run(recovery: nil) { server in
            server.main.on("join") { socket in socket.join("r") }
            server.main.on("ask") { socket in
                socket.to("r").socketsJoin("s")
                let answers: [Int] = try await socket.to("s").call("ask", 1, "two")
                return answers.sorted()
            }
        } test: { cluster in
            let clients = try await cluster.join()
            for client in clients {
                client.send(#"20["join"]"#)
                #expect(try await client.next() == "430[]")
            }
            clients[0].send(#"21["ask"]"#)
            for client in clients.dropFirst() { #expect(try await client.next() == question()) }
            for (index, client) in clients.enumerated().dropFirst() { client.send("3\(Self.firstID)[\(index)]") }
            #expect(try await clients[0].next() == "431[[1,2]]")
        }
    }

    @Test("answers to a socket's own call and to a call to many do not mix")
    func ownCall() async throws {
        try await TestCluster.run(2, recovery: nil) { server in
            server.main.on("ask me") { socket in
                let answer: Int = try await socket.call("mine")
                return answer
            }
        } test: { cluster in
            let client = try await cluster.servers[0].join()
            client.send(#"20["ask me"]"#)
            #expect(try await client.next() == #"420["mine"]"#)
            let notes = Notes()
            Self.call(cluster.servers[1].main.everyone, notes)
            #expect(try await client.next() == question())
            client.send("3\(Self.firstID)[1]")
            try await eventually { notes.all == ["[1]"] }
            client.send("30[2]")
            #expect(try await client.next() == "430[2]")
        }
    }

    @Test("answers above the limit end the call")
    func tooLarge() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join() + cluster.join()
            let notes = Notes()
            Self.call(cluster.servers[0].main.everyone, notes, timeout: .seconds(3600))
            let text = String(repeating: "x", count: 900_000)
            for client in clients {
                #expect(try await client.next() == question())
                client.send("3\(Self.firstID)[1,\"\(text)\"]")
            }
            try await eventually { notes.all.first?.hasPrefix("tooLarge [1") == true }
        }
    }

    @Test("a reserved name and an event that does not fit in a frame are refused")
    func refused() async throws {
        try await TestCluster.run(1, recovery: nil, setUp: Self.setUp) { cluster in
            let main = cluster.servers[0].main
            await #expect(throws: AcknowledgementError.self) { try await main.emitWithAcknowledgements("connect") }
            let large: Arguments = [.binary([UInt8](repeating: 0, count: Limits().inquiryEvent))]
            let error = await #expect(throws: IncompleteAnswers.self) {
                try await main.emitWithAcknowledgements("ask", large)
            }
            #expect(error?.reason == .eventTooLarge)
        }
    }

    @Test("a call of a server that has not started fails")
    func notStarted() async throws {
        let server = SocketServer()
        await #expect(throws: IncompleteAnswers.self) { try await server.emitWithAcknowledgements("ask") }
        await #expect(throws: IncompleteAnswers.self) { try await server.serverSideEmitWithAcknowledgements("ask") }
    }
}

@Suite("Calls to many clients while workers end", .overPipes)
struct CallManyLostWorkerTests {
    @Test("the end of a worker ends the wait for its clients")
    func asked() async throws {
        try await TestCluster.run(recovery: nil, setUp: CallManyTests.setUp) { cluster in
            let clients = try await cluster.join()
            let notes = Notes()
            CallManyTests.call(cluster.servers[0].main.everyone, notes, timeout: .seconds(3600))
            for client in clients { _ = try await client.next() }
            for index in 0..<2 { clients[index].send("3\(CallManyTests.firstID)[\(index)]") }
            await TestMachine.current.wait(.milliseconds(100))
            #expect(notes.all.isEmpty)
            await cluster.servers[2].kill()
            try await eventually({ notes.all.first?.hasPrefix("recipientsGone [") == true }, within: .seconds(5))
        }
    }

    @Test("the end of the worker that asks makes the others forget its call")
    func asking() async throws {
        try await TestCluster.run(recovery: nil, setUp: CallManyTests.setUp) { cluster in
            let clients = try await cluster.join()
            CallManyTests.call(cluster.servers[0].main.everyone, Notes(), timeout: .seconds(3600))
            for client in clients { _ = try await client.next() }
            await cluster.servers[0].kill()
            for server in cluster.servers.dropFirst() {
                try await eventually { await server.server.endpoint?.worker.inquiries.clients.isEmpty == true }
            }
        }
    }
}
