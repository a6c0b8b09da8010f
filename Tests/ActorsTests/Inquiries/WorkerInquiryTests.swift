import Testing
import Transport

@testable import Actors

@Suite("Worker: a limited number of inquiries waits for answers", .overDirectLink)
struct WorkerInquiryTests {
    /// The recipients of a call.
    private enum Recipients {
        case clients, ownClients, servers
    }

    private static var limits: Limits {
        var limits = Limits.ofTests
        limits.openInquiries = 4
        limits.allInquiryAnswers = 1000
        return limits
    }

    /// Starts a call and notes its outcome under a name.
    @discardableResult
    private func call(
        _ name: String, _ server: ScriptedServer, _ notes: Notes, timeout: Duration = .seconds(5),
        of recipients: Recipients = .clients
    ) -> Task<Void, Never> {
        let main = server.server.main
        return TestMachine.current.task {
            do {
                let answers: [Int] =
                    switch recipients {
                    case .clients: try await main.call("ask", name, timeout: timeout)
                    case .ownClients: try await main.local.call("ask", name, timeout: timeout)
                    case .servers: try await main.callServers("ask", name, timeout: timeout)
                    }
                notes.add("\(name): \(answers)")
            } catch {
                notes.add("\(name): \(error)")
            }
        }
    }

    private func requests(_ hub: ScriptedAdapter) -> [String] { hub.batches.flatMap { $0 } }

    private func answers(_ number: UInt64, _ numbers: [Int], _ state: InquiryReport.State) -> HubEvent {
        let answers = numbers.map { InquiryAnswer.arguments(EncodedArguments(text: Array("\($0)".utf8))) }
        return .answered(InquiryReport(number: number, answers: answers, state: state))
    }

    @Test("answers in any order match their inquiries; an inquiry above the limit waits for the end of another")
    func window() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            for number in 1...6 { call("\(number)", server, notes) }
            try await eventually { requests(hub).count == 4 }
            #expect(requests(hub) == (1...4).map { "inquire \($0)" })
            await hub.send(answers(3, [30], .open), answers(3, [31, 32], .open))
            #expect(requests(hub).count == 4 && notes.all.isEmpty)
            await hub.send(answers(3, [33], .complete))
            try await eventually { requests(hub).count == 5 }
            await hub.send(answers(2, [20], .incomplete), answers(1, [], .complete))
            try await eventually { notes.all.count == 3 }
            #expect(
                notes.all == ["3: [30, 31, 32, 33]", "2: recipients are gone, with 1 answer", "1: []"])
            #expect(requests(hub) == (1...6).map { "inquire \($0)" })
        }
    }

    @Test("a call times out with the answers so far and dismisses the inquiry; late answers have no effect")
    func timeout() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            for number in 1...4 { call("\(number)", server, notes, timeout: .milliseconds(100)) }
            call("5", server, notes, timeout: .milliseconds(50))
            call("6", server, notes, timeout: .milliseconds(200))
            try await eventually { requests(hub).count == 4 }
            await hub.send(answers(2, [20, 21], .open))
            try await eventually { notes.all.count == 5 }
            #expect(notes.all.contains("2: timed out, with 2 answers"))
            #expect(notes.all.contains("5: not sent in time, with 0 answers"))
            try await eventually { requests(hub).count == 9 }
            #expect(
                Set(requests(hub).dropFirst(4)) == ["dismiss 1", "dismiss 2", "dismiss 3", "dismiss 4", "inquire 6"])
            await hub.send(answers(1, [1], .complete), answers(5, [5], .complete), answers(6, [60], .complete))
            try await eventually { notes.all.last == "6: [60]" }
            #expect(notes.all.count == 6)
        }
    }

    @Test("calls of clients do not hold up those of servers and of the worker's own clients, and the other way round")
    func kinds() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            let (client, _) = try await server.join()
            for number in 1...5 { call("\(number)", server, notes, timeout: .seconds(3600)) }
            await TestMachine.current.wait(.milliseconds(50))
            for number in 6...10 { call("\(number)", server, notes, timeout: .seconds(3600), of: .servers) }
            await TestMachine.current.wait(.milliseconds(50))
            #expect(requests(hub).dropFirst() == [1, 2, 3, 4, 6, 7, 8, 9].map { "inquire \($0)" }[...])
            let ids = (11...18).map { AcknowledgementIDs.local(UInt64($0)) }
            for _ in ids { call("own", server, notes, of: .ownClients) }
            for some in [ids.prefix(4), ids.suffix(4)] {
                let questions = try await client.next(4)
                #expect(questions == some.map { #"42\#($0)["ask","own"]"# })
                for id in some { client.send("3\(id)[7]") }
            }
            try await eventually { notes.all == Array(repeating: "own: [7]", count: ids.count) }
            #expect(requests(hub).count == 9)
            await hub.send(answers(6, [60], .complete))
            try await eventually { requests(hub).last == "inquire 10" }
            await hub.send(answers(1, [10], .complete))
            try await eventually { requests(hub).last == "inquire 5" && notes.all.count == ids.count + 2 }
            #expect(Set(notes.all.suffix(2)) == ["6: [60]", "1: [10]"])
        }
    }

    @Test("a thousand calls wait for answers at the same time")
    func many() async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            for number in 1...1025 { call("\(number)", server, notes) }
            try await eventually { requests(hub).count == 1024 }
            await hub.send(answers(1, [], .complete))
            try await eventually { requests(hub).last == "inquire 1025" }
        }
    }

    @Test("above the limit of the answers to all calls, those with the largest answers end")
    func tooManyAnswers() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            for number in 1...3 { call("\(number)", server, notes) }
            try await eventually { requests(hub).count == 3 }
            let size = InquiryAnswer.arguments(EncodedArguments(text: [0])).byteCount
            let fitting = Self.limits.allInquiryAnswers / size
            await hub.send(answers(1, [1], .open), answers(2, Array(repeating: 2, count: fitting - 1), .open))
            await TestMachine.current.wait(.milliseconds(50))
            #expect(notes.all.isEmpty)
            await hub.send(answers(3, [3], .open))
            try await eventually { !notes.all.isEmpty }
            #expect(notes.all == ["2: the answers are too large, with \(fitting - 1) answers"])
            try await eventually { requests(hub).last == "dismiss 2" }
            await hub.send(answers(1, Array(repeating: 1, count: fitting), .complete), answers(3, [], .complete))
            try await eventually { notes.all.count == 3 }
            #expect(notes.all.last == "3: [3]", "the others keep their answers")
            #expect(notes.all[1] == "1: \([Int](repeating: 1, count: fitting + 1))", "a complete call is not refused")
        }
    }

    @Test("the numbers of calls start at random, so that a late answer matches no call of another worker")
    func randomStart() async throws {
        try await ScriptedServer.run(Limits()) { server, hub in
            let starts = (0..<100).map { _ in server.loop.makeNumberingStart() }
            #expect(Set(starts).count == 100 && starts.allSatisfy { $0 < AcknowledgementIDs.ofSockets })
            for number in 1...2 { call("\(number)", server, Notes()) }
            try await eventually { requests(hub).count == 2 }
            let numbers = requests(hub).compactMap { UInt64($0.dropFirst("inquire ".count)) }
            try #require(numbers.count == 2)
            #expect(numbers[0] > 100 && numbers[1] == numbers[0] + 1)
        }
    }

    @Test("the longest duration is a timeout too")
    func endless() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            call("1", server, notes, timeout: .seconds(Int.max))
            call("2", server, notes, timeout: .seconds(Int.max) * 18)
            try await eventually { requests(hub).count == 2 }
            await TestMachine.current.wait(.seconds(3600))
            await hub.send(answers(1, [10], .complete), answers(2, [20], .complete))
            try await eventually { notes.all == ["1: [10]", "2: [20]"] }
        }
    }

    @Test("cancelling the task ends an open or a waiting call at once, also before it begins")
    func cancelled() async throws {
        try await ScriptedServer.run(Self.limits) { server, hub in
            let notes = Notes()
            let tasks = (1...5).map { call("\($0)", server, notes, timeout: .seconds(3600)) }
            try await eventually { requests(hub).count == 4 }
            tasks[4].cancel()
            tasks[0].cancel()
            let early = call("early", server, notes, timeout: .seconds(3600))
            early.cancel()
            try await eventually { notes.all.count == 3 }
            #expect(Set(notes.all) == Set(["1", "5", "early"].map { "\($0): CancellationError()" }))
            try await eventually { requests(hub).count == 5 }
            #expect(requests(hub).last == "dismiss 1")
        }
    }

    @Test(
        "an end without all answers is an error",
        arguments: [
            (InquiryReport.State.tooLarge, "the answers are too large, with 1 answer"),
            (.dropped, "the sender is gone, with 1 answer"), (.incomplete, "recipients are gone, with 1 answer"),
        ])
    func ends(state: InquiryReport.State, error: String) async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            call("1", server, notes)
            try await eventually { requests(hub).count == 1 }
            await hub.send(answers(1, [7], .open), answers(1, [], state))
            try await eventually { notes.all == ["1: \(error)"] }
        }
    }

    @Test("failures and malformed answers make the call fail once everyone has answered")
    func failures() async throws {
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            call("1", server, notes)
            try await eventually { requests(hub).count == 1 }
            let malformed = InquiryAnswer.arguments(EncodedArguments(text: Array("1,".utf8)))
            await hub.send(
                .answered(InquiryReport(number: 1, answers: [.failure("no"), malformed], state: .open)),
                answers(1, [7], .complete))
            try await eventually {
                notes.all == ["1: some recipients failed, with 1 answer; no; an answer is not a list of JSON values"]
            }
        }
    }

    @Test("once the loop has ended, a call fails")
    func loopEnded() async throws {
        let notes = Notes()
        try await ScriptedServer.run { server, hub in
            call("1", server, notes, timeout: .seconds(3600))
            try await eventually { requests(hub).count == 1 }
            server.loop.stop()
            try await eventually { notes.all == ["1: the server is closed, with 0 answers"] }
        }
    }

    @Test("a socket's call is ordered among its earlier calls; one that ends before its place is not sent")
    func order() async throws {
        let machine = TestMachine.current
        try await ScriptedServer.run { server in
            server.of("/").on("ask") { socket, event in
                socket.join("a")
                machine.task { _ = try? await socket.broadcast.emitWithAcknowledgements("x") }
                let early = machine.task { _ = try? await socket.broadcast.emitWithAcknowledgements("never") }
                await machine.wait(.milliseconds(5))
                early.cancel()
                await early.value
                socket.join("b")
                event.acknowledgement?()
            }
        } test: { server, hub in
            let (client, id) = try await server.join()
            client.send(#"20["ask"]"#)
            try await eventually { hub.batches.last == ["join a"] }
            await machine.wait(.milliseconds(20))
            #expect(requests(hub).dropFirst() == ["join a"])
            await hub.send(.joined(id, room: "a"))
            try await eventually { requests(hub).last == "join b" }
            #expect(requests(hub).dropFirst() == ["join a", "inquire 1 as sender", "join b"])
            await hub.send(.emitted(nil, credit: 0), .joined(id, room: "b"))
            #expect(try await client.next() == "430[]")
        }
    }

    @Test("clients are asked as of the place in the stream, and each answer is reported as it arrives")
    func answering() async throws {
        try await ScriptedServer.run { server in
            _ = server.main
        } test: { server, hub in
            let (one, _) = try await server.join()
            let (two, second) = try await server.join(1)
            let own = SocketSelection(namespace: "/", rooms: [second.description], exceptions: [])
            let everyone = Inquiry.Target.clients(WorkerStreamTests.broadcast("ask"))
            await hub.send(
                WorkerStreamTests.event("before"), .inquired(5, everyone), WorkerStreamTests.event("after"),
                .inquired(6, .clients(WorkerStreamTests.broadcast("r", to: ["r"]))),
                .changed(own, .join(["r"])), .inquired(7, .clients(WorkerStreamTests.broadcast("r", to: ["r"]))))
            let id = AcknowledgementIDs.hub(5)
            for client in [one, two] {
                #expect(
                    try await client.next(3) == [#"42["before"]"#, #"42\#(id)["ask"]"#, #"42["after"]"#])
            }
            #expect(try await two.next() == #"42\#(AcknowledgementIDs.hub(7))["r"]"#)
            try await eventually { requests(hub).last == "answer 6: complete" }
            two.send(["3\(id)[2]", "3\(id)[3]"])
            try await eventually { requests(hub).last == "answer 5: [2] open" }
            one.send("1")
            try await eventually { requests(hub).last == "unregister" }
            #expect(requests(hub).contains("answer 5: incomplete"))
            await hub.send(.dismissed(7))
            two.send(["3\(AcknowledgementIDs.hub(7))[4]", #"2["x"]"#, "1"])
            try await eventually { requests(hub).count { $0 == "unregister" } == 2 }
            #expect(requests(hub).count { $0.hasPrefix("answer") } == 3)
        }
    }
}
