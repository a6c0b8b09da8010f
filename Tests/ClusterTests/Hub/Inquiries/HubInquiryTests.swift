import Actors
import Testing

@testable import Cluster

@Suite("Hub: passes the answers to an event on to the worker that asks")
struct HubInquiryTests {
    var hub = HubTranscript(recovery: RecoveryOptions())
    let one: Incarnation
    let two: Incarnation
    let three: Incarnation

    /// A belongs to the first worker, B to the second, C to the third; B and C are in the room r.
    init() throws {
        (one, two, three) = (hub.attach(), hub.attach(), hub.attach())
        hub.receive(try .register("A"), from: one)
        hub.receive(try .register("B"), try .join("B", "r"), from: two)
        hub.receive(try .register("C"), try .join("C", "r"), from: three)
        clear()
    }

    private mutating func clear() {
        for worker in [one, two, three] { _ = hub.newEvents(for: worker) }
    }

    @Test("the event goes to the workers with recipients, at its place in the order, and has no position")
    mutating func order() throws {
        hub.receive(
            try .emit("x"), try .inquire(7, "ask"), try .inquire(8, "ask r", to: ["r"], by: "A"), try .emit("y"),
            from: one)
        #expect(hub.newEvents(for: one) == ["event x @1", "inquiry 1: ask", "event y @2"])
        for worker in [two, three] {
            #expect(hub.newEvents(for: worker) == ["event x @1", "inquiry 1: ask", "inquiry 2: ask r", "event y @2"])
        }
    }

    @Test("the hub's numbers begin after the given one, and a number of a worker is known until its inquiry ends")
    func numbers() {
        var inquiries = OpenInquiries(start: 41)
        let inquiry = Inquiry(number: 7, target: .servers(.event("ask")), maxBytes: 100)
        let first = inquiries.open(inquiry, by: one, asking: [two])
        let dismissed = [two, one, one].map { inquiries.dismiss(7, of: $0)?.id }
        #expect(first == 42 && dismissed == [nil, 42, nil])
        let second = inquiries.open(inquiry, by: one, asking: [two, three])
        _ = inquiries.report(InquiryReport(number: second, state: .complete), from: two)
        let ends = inquiries.workerEnded(three).map(\.report)
        #expect(second == 43 && ends == [InquiryReport(number: 7, state: .incomplete)])
        let late = inquiries.dismiss(7, of: one)?.id
        #expect(late == nil)
    }

    @Test("answers are passed on as they arrive; the last worker's last report completes the inquiry")
    mutating func answers() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), from: one)
        clear()
        hub.receive(.answer(1, ["b", "c"], .open), from: two)
        hub.receive(.answer(1, [], .complete), from: two)
        #expect(hub.newEvents(for: one) == ["answers to 7: b, c, open", "answers to 7: open"])
        hub.receive(.answer(1, ["d"], .complete), from: three)
        #expect(hub.newEvents(for: one) == ["answers to 7: d, complete"])
        hub.receive(.answer(1, ["late"], .complete), from: three)
        #expect(hub.newEvents(for: one).isEmpty)
    }

    @Test("one incomplete report makes the inquiry incomplete, even if it is not the last one")
    mutating func incomplete() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), from: one)
        clear()
        hub.receive(.answer(1, [], .incomplete), from: two)
        hub.receive(.answer(1, ["c"], .complete), from: three)
        #expect(hub.newEvents(for: one) == ["answers to 7: open", "answers to 7: c, incomplete"])
    }

    @Test("reports of a worker that was not asked, or has sent its last one, are ignored")
    mutating func uninvited() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), from: one)
        clear()
        hub.receive(.answer(1, ["a"], .complete), .answer(2, ["a"], .complete), from: one)
        hub.receive(.answer(1, ["b"], .complete), .answer(1, ["again"], .complete), from: two)
        #expect(hub.newEvents(for: one) == ["answers to 7: b, open"])
    }

    @Test("without recipients an inquiry is complete at once")
    mutating func nobody() throws {
        hub.receive(
            try .inquire(1, "ask", to: ["no such room"]), try .inquire(2, "ask", in: "/other"), from: one)
        #expect(hub.newEvents(for: one) == ["answers to 1: complete", "answers to 2: complete"])
        hub.detach(two)
        hub.detach(three)
        hub.receive(.inquireServers(3, "ask"), from: one)
        #expect(hub.newEvents(for: one) == ["answers to 3: complete"])
    }

    @Test("servers are asked and notified except the one that asks, even those without sockets")
    mutating func servers() throws {
        let four = hub.attach()
        hub.receive(.inquireServers(7, "ask"), .emitToServers(.event("news")), from: one)
        #expect(hub.newEvents(for: one).isEmpty)
        for worker in [two, three, four] {
            #expect(hub.newEvents(for: worker) == ["inquiry 1 to servers: ask", "server event news"])
            hub.receive(.answer(1, ["\(worker.number)"], .complete), from: worker)
        }
        #expect(hub.newEvents(for: one).last == "answers to 7: 4, complete")
    }

    @Test("the end of a worker that is asked completes its share")
    mutating func askedWorkerEnds() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), .inquireServers(8, "ask"), from: one)
        hub.receive(.answer(1, ["b"], .complete), from: two)
        clear()
        hub.detach(three)
        #expect(hub.newEvents(for: one) == ["answers to 7: incomplete"])
        hub.receive(.answer(2, ["b"], .complete), from: two)
        #expect(hub.newEvents(for: one) == ["answers to 8: b, incomplete"])
    }

    @Test("the end of the worker that asks dismisses its inquiries at the workers that have not finished")
    mutating func askingWorkerEnds() throws {
        hub.receive(try .inquire(7, "ask"), .inquireServers(8, "ask"), from: one)
        hub.receive(.answer(2, ["b"], .complete), from: two)
        clear()
        hub.detach(one)
        #expect(hub.newEvents(for: two) == ["inquiry 1 dismissed"])
        #expect(hub.newEvents(for: three) == ["inquiry 1 dismissed", "inquiry 2 dismissed"])
        hub.receive(.answer(2, ["late"], .complete), from: three)
        #expect(hub.newEvents(for: one).isEmpty)
    }

    @Test("a dismissed inquiry ends at the workers that have not finished; other numbers have no effect")
    mutating func dismissed() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), from: one)
        hub.receive(.answer(1, [], .complete), from: two)
        clear()
        hub.receive(.dismiss(8), from: one)
        hub.receive(.dismiss(7), from: two)
        #expect(hub.newEvents(for: three).isEmpty)
        hub.receive(.dismiss(7), .dismiss(7), from: one)
        #expect(hub.newEvents(for: three) == ["inquiry 1 dismissed"])
        #expect(hub.newEvents(for: two).isEmpty)
        hub.receive(.answer(1, ["late"], .complete), from: three)
        #expect(hub.newEvents(for: one).isEmpty)
    }

    @Test("answers up to the limit are passed on; the answer that exceeds it ends the inquiry")
    mutating func limit() throws {
        let size = InquiryAnswer.failure("b").byteCount
        hub.receive(try .inquire(7, "ask", to: ["r"], limit: 2 * size), from: one)
        hub.receive(.answer(1, ["b", "b"], .open), from: two)
        clear()
        hub.receive(.answer(1, ["b"], .open), from: two)
        #expect(hub.newEvents(for: one) == ["answers to 7: tooLarge"])
        #expect(hub.newEvents(for: two) == ["inquiry 1 dismissed"], "it still waits for other clients")
        #expect(hub.newEvents(for: three) == ["inquiry 1 dismissed"])
    }

    @Test("a worker whose last answer exceeds the limit is not dismissed")
    mutating func limitAtEnd() throws {
        let size = InquiryAnswer.failure("b").byteCount
        hub.receive(try .inquire(7, "ask", to: ["r"], limit: size), from: one)
        clear()
        hub.receive(.answer(1, ["b", "b"], .complete), from: two)
        #expect(hub.newEvents(for: one) == ["answers to 7: tooLarge"])
        #expect(hub.newEvents(for: two).isEmpty)
        #expect(hub.newEvents(for: three) == ["inquiry 1 dismissed"])
    }

    @Test("a worker whose own answers exceed the limit ends the inquiry")
    mutating func tooLarge() throws {
        hub.receive(try .inquire(7, "ask", to: ["r"]), from: one)
        clear()
        hub.receive(.answer(1, [], .tooLarge), from: three)
        #expect(hub.newEvents(for: one) == ["answers to 7: tooLarge"])
        #expect(hub.newEvents(for: two) == ["inquiry 1 dismissed"])
        #expect(hub.newEvents(for: three).isEmpty)
    }

    @Test("an inquiry of a socket that has another owner is dropped")
    mutating func stale() throws {
        hub.receive(try .inquire(7, "ask", by: "B"), from: one)
        #expect(hub.newEvents(for: one) == ["answers to 7: dropped"])
        #expect(hub.newEvents(for: two).isEmpty)
    }

    @Test("a recovered client does not get the events that it could have answered")
    mutating func recovered() throws {
        hub.receive(try .lose("B"), from: two)
        hub.receive(try .emit("x"), try .inquire(7, "ask", to: ["r"]), try .emit("y"), from: one)
        hub.receive(try .claim("B", "epoch.0"), from: three)
        #expect(hub.newEvents(for: three).last == "B/1 back in r from 0 @2: x@1 y@2")
    }

    @Test("a request costs credit by its size, and the hub returns it at once")
    mutating func credit() throws {
        let requests: [HubRequest] = [
            try .inquire(1, "12345"), try .inquire(2, "12345", by: "C"), .inquireServers(3, "12345"),
            .emitToServers(.event("12345")), .answer(9, ["12345"], .open), .dismiss(9),
        ]
        #expect(requests.map(\.cost) == [261, 261, 262, 262, 0, 0])
        var output = HubStateMachine.Output()
        hub.machine.receive(requests, from: one, at: hub.now, into: &output)
        let credit = output.events.flatMap(\.events).compactMap { event -> Int? in
            if case .emitted(nil, let credit) = event { credit } else { nil }
        }
        #expect(credit == [261, 261, 262, 262])
    }
}
