import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Requests behind messages that have not come back from the broker")
struct HeldRequestsTests {
    private let worker = Incarnation(number: 1)
    private let other = Incarnation(number: 2)
    private let a: SessionID
    private let b: SessionID
    private var held = HeldRequests()

    init() throws {
        a = try SessionID("A" as Character)
        b = try SessionID("B" as Character)
    }

    private func origin(_ session: SessionID?, _ incarnation: Incarnation? = nil) -> MessageOrigin {
        MessageOrigin(incarnation: incarnation ?? worker, session: session)
    }

    /// Tries to hold the join of a room by the session, or one by the application if the session is nil.
    private mutating func holds(
        _ room: String, of session: SessionID?, from incarnation: Incarnation? = nil
    ) -> Bool {
        let request = HubRequest.join(SessionKey(id: session ?? a), room: room)
        return held.hold(request, of: session, from: incarnation ?? worker)
    }

    private mutating func applied(_ ticket: UInt64, _ origin: MessageOrigin) -> [String] {
        held.applied(ticket, from: origin).map { entry in
            if case .join(_, let room) = entry.request { room } else { "" }
        }
    }

    @Test("a request of a socket waits for that socket's latest message")
    mutating func ofSession() {
        #expect(!holds("x", of: a))
        held.sent(1, from: origin(a))
        held.sent(2, from: origin(a))
        #expect(holds("x", of: a))
        #expect(!holds("y", of: b))
        #expect(applied(1, origin(a)) == [])
        #expect(applied(2, origin(a)) == ["x"])
        #expect(!holds("x", of: a))
    }

    @Test("a message of a worker's application delays all later requests of that worker, and of no other worker")
    mutating func ofWorker() {
        held.sent(1, from: origin(nil))
        #expect(holds("x", of: a))
        #expect(holds("y", of: nil))
        #expect(!holds("z", of: a, from: other))
        #expect(applied(1, origin(nil)) == ["x", "y"])
    }

    @Test("the requests of one socket keep their order")
    mutating func order() {
        held.sent(1, from: origin(a))
        #expect(holds("first", of: a))
        held.sent(2, from: origin(nil))
        #expect(holds("second", of: a))
        held.sent(3, from: origin(a))
        #expect(holds("third", of: a))
        #expect(applied(1, origin(a)) == ["first"])
        #expect(holds("fourth", of: a))
        #expect(applied(2, origin(nil)) == ["second"])
        #expect(applied(3, origin(a)) == ["third", "fourth"])
    }

    @Test("the requests of a worker that is gone are taken out, in their order")
    mutating func gone() {
        held.sent(1, from: origin(nil))
        held.sent(2, from: origin(nil, other))
        #expect(holds("x", of: a))
        #expect(holds("y", of: b, from: other))
        held.sent(3, from: origin(a))
        #expect(holds("z", of: a))
        #expect(held.remove(of: worker).map { $0.incarnation } == [worker, worker])
        #expect(applied(1, origin(nil)) == [])
        #expect(applied(2, origin(nil, other)) == ["y"])
        #expect(applied(3, origin(a)) == [])
    }

    @Test("a request of the application waits for the messages of all sockets of its worker")
    mutating func application() {
        held.sent(1, from: origin(a))
        #expect(holds("x", of: nil))
        #expect(!holds("y", of: b))
        #expect(applied(1, origin(a)) == ["x"])
        #expect(!holds("z", of: nil))
    }

    @Test("the end of an inquiry waits behind the inquiry")
    mutating func inquiry() {
        let inquiry = Inquiry(number: 7, target: .clients(.event("x")), maxBytes: 1)
        held.sent(1, from: origin(a))
        let dismiss = HubRequest.dismiss(7)
        let isHeldBefore = held.hold(dismiss, behindInquiry: 7, from: worker)
        let isInquiryHeld = held.hold(.inquire(inquiry, sender: SessionKey(id: a)), of: a, from: worker)
        let isHeldForOther = held.hold(dismiss, behindInquiry: 7, from: other)
        let isHeld = held.hold(dismiss, behindInquiry: 7, from: worker)
        #expect([isHeldBefore, isInquiryHeld, isHeldForOther, isHeld] == [false, true, false, true])
        #expect(held.applied(1, from: origin(a)).count == 2)
    }
}
