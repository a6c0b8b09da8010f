import Actors
import Persistence
import Testing

@testable import Cluster

@Suite("Hub: publishes rows in id order, then the results")
struct HubRowTests {
    var hub = HubTranscript(lastPublished: 10, highestAssigned: 15)
    let one: Incarnation
    let two: Incarnation

    init() throws {
        one = hub.attach()
        two = hub.attach()
        hub.receive(try .register("A"), from: one)
        hub.receive(try .register("B"), try .subscribe("B"), from: two)
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
    }

    @Test("after the answer to a subscription, the stream has every row that is published")
    mutating func subscription() throws {
        hub.publish((11, "before"))
        hub.receive(try .subscribe("A"), from: one)
        hub.publish((12, "after"), (14, "after a gap"))
        #expect(
            hub.newEvents(for: one) == [
                "A subscribed from 11, highest 15", "message 12 after", "message 14 after a gap",
            ])
    }

    @Test("a second subscription on a worker is answered, and each row still arrives once")
    mutating func secondSubscription() throws {
        hub.receive(try .subscribe("A"), try .register("C"), try .subscribe("C"), try .subscribe("A"), from: one)
        hub.publish((11, "x"))
        #expect(
            hub.newEvents(for: one) == [
                "A subscribed from 10, highest 15", "C registered @0", "C subscribed from 10, highest 15",
                "A subscribed from 10, highest 15", "message 11 x",
            ])
    }

    @Test("the highest assigned id grows with the rows")
    mutating func highest() throws {
        hub.publish((11, "x"))
        #expect(hub.machine.highestAssigned == 15)
        hub.publish((16, "y"))
        #expect(hub.machine.highestAssigned == 16 && hub.machine.lastPublished == 16)
    }

    @Test("a group's rows are sent in id order, then its results in the order of the requests")
    mutating func committed() throws {
        hub.receive(try .subscribe("A"), try .store("A", "first"), from: one)
        hub.receive(try .store("B", "second"), from: two)
        hub.receive(try .store("A", "third"), from: one)
        #expect(hub.nextGroup() == ["first", "second", "third"])
        _ = (hub.newEvents(for: one), hub.newEvents(for: two))
        hub.commit(.stored(id: 11), .stored(id: 12), .stored(id: 15))
        let rows = ["message 11 first", "message 12 second", "message 15 third"]
        #expect(hub.newEvents(for: one) == rows + ["A stored: 11", "A stored: 15"])
        #expect(hub.newEvents(for: two) == rows + ["B stored: 12"])
    }

    @Test("a worker without a subscription gets only the results")
    mutating func resultsOnly() throws {
        hub.receive(try .store("A", "x"), from: one)
        _ = hub.nextGroup()
        hub.commit(.stored(id: 11))
        #expect(hub.newEvents(for: one) == ["A stored: 11"])
    }

    @Test("the store gets the draft unchanged, and the workers get the message as the store reports it")
    mutating func details() throws {
        let draft = MessageDraft(clientOffset: Array("o".utf8), content: [0x78], author: Array("ann".utf8))
        hub.receive(.store(try SessionKey("B"), draft), from: two)
        #expect(hub.machine.nextGroup() == [draft])
        let stored = StoredMessage(draft, id: 11, storedAt: 1_700_000_000_123)
        var output = HubStateMachine.Output()
        hub.machine.groupCommitted([.stored(stored)], into: &output)
        guard case .message(let message, _)? = output.events.first?.events.first else {
            Issue.record("\(output)")
            return
        }
        #expect(message == stored)
    }

    @Test("a repeat is not published, and is answered with the first copy's id after the first copy")
    mutating func repeats() throws {
        hub.receive(try .store("B", "x", offset: "o"), try .store("B", "x", offset: "o"), from: two)
        _ = hub.nextGroup()
        hub.commit(.stored(id: 11), .repeated(id: 11))
        #expect(hub.newEvents(for: two) == ["message 11 x", "B stored: 11", "B stored: 11"])
        hub.receive(try .store("B", "x", offset: "o"), from: two)
        _ = hub.nextGroup()
        hub.commit(.repeated(id: 11))
        #expect(hub.newEvents(for: two) == ["B stored: 11"])
    }

    @Test("a repeat in the next group is answered after that group, even if the first copy failed")
    mutating func repeatGathers() throws {
        hub.receive(try .store("B", "x", offset: "o"), from: two)
        _ = hub.nextGroup()
        hub.receive(try .store("B", "x", offset: "o"), from: two)
        #expect(hub.newEvents(for: two).isEmpty)
        hub.fail()
        #expect(hub.newEvents(for: two) == ["B stored: failed"])
        _ = hub.nextGroup()
        hub.commit(.stored(id: 12))
        #expect(hub.newEvents(for: two) == ["message 12 x", "B stored: 12"])
    }

    @Test("a failed group publishes nothing, and each sender gets a failure in order")
    mutating func failed() throws {
        hub.receive(try .store("A", "x"), from: one)
        hub.receive(try .store("B", "y"), try .store("B", "z"), from: two)
        _ = hub.nextGroup()
        hub.fail()
        #expect(hub.newEvents(for: one) == ["A stored: failed"])
        #expect(hub.newEvents(for: two) == ["B stored: failed", "B stored: failed"])
        #expect(hub.machine.lastPublished == 10)
    }

    @Test("a row is published even if its sender is gone")
    mutating func senderGone() throws {
        hub.receive(try .store("A", "x"), from: one)
        _ = hub.nextGroup()
        hub.detach(one)
        hub.commit(.stored(id: 11))
        #expect(hub.newEvents(for: two) == ["message 11 x"])
    }
}
