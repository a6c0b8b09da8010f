import Testing
import Transport

@testable import Actors

@Suite("Worker: a limited number of inquiries waits for answers", .overDirectLink)
struct WorkerInquiryTests {
    /// Starts a call to all clients and notes its outcome under a name.
    @discardableResult
    private func call(
        _ name: String, _ server: ScriptedServer, _ notes: Notes, timeout: Duration = .seconds(5)
    ) -> Task<Void, Never> {
        let main = server.server.main
        return TestMachine.current.task {
            do {
                let answers: [Int] = try await main.call("ask", name, timeout: timeout)
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
        try await ScriptedServer.run { server, hub in
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
        try await ScriptedServer.run { server, hub in
            let notes = Notes()
            for number in 1...4 { call("\(number)", server, notes, timeout: .milliseconds(100)) }
            call("5", server, notes, timeout: .milliseconds(50))
            call("6", server, notes, timeout: .milliseconds(200))
            try await eventually { requests(hub).count == 4 }
            await hub.send(answers(2, [20, 21], .open))
            try await eventually { notes.all.count == 5 }
            #expect(notes.all.contains("2: timed out, with 2 answers"))
            #expect(notes.all.contains("5: timed out, with 0 answers"), "the timeout includes the wait for the window")
            try await eventually { requests(hub).count == 9 }
            #expect(
                Set(requests(hub).dropFirst(4)) == ["dismiss 1", "dismiss 2", "dismiss 3", "dismiss 4", "inquire 6"])
            await hub.send(answers(1, [1], .complete), answers(5, [5], .complete), answers(6, [60], .complete))
            try await eventually { notes.all.last == "6: [60]" }
            #expect(notes.all.count == 6)
        }
    }

    @Test("cancelling the task ends an open or a waiting call at once, also before it begins")
    func cancelled() async throws {
        try await ScriptedServer.run { server, hub in
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
                notes.all == ["1: servers failed, with 1 answer; no; an answer is not a list of JSON values"]
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
