import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Link over a transport: a claim waits for the owner's answer")
struct TransportClaimTests {
    /// The owner's requests are on their way, and the client has moved to another worker. Returns after the hub has
    /// handled later requests of the claimant, which do not wait.
    private func claim(_ owner: RemoteSide, by claimant: RemoteSide, in fixture: RemoteHub) async throws {
        owner.transport.hold()
        try await owner.submit(.join("A", "r"), .emit("late", by: "A"))
        try await claimant.submit(.claim("A", nil), .join("B", "s"))
        try await claimant.received(["B registered @0", "B joined s"])
    }

    @Test("the answer includes the requests that were on their way")
    func inFlight() async throws {
        try await RemoteHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A"), try await fixture.join("B"))
            try await claim(owner, by: claimant, in: fixture)
            owner.transport.release()
            try await claimant.received([
                "B registered @0", "B joined s", "event late @1", "A/1 back in r from 0 @1: late@1",
            ])
            try await owner.received(["A registered @0", "A joined r", "event late @1", "A emitted", "A lost 0"])
        }
    }

    @Test("the end of the owner's link answers the claim too")
    func ownerEnds() async throws {
        try await RemoteHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A"), try await fixture.join("B"))
            try await claim(owner, by: claimant, in: fixture)
            owner.hubTransport.end()
            try await claimant.received(["B registered @0", "B joined s", "A/1 back from 0 @0:"])
        }
    }

    @Test("an owner that does not answer holds up a claim only until its link ends")
    func ownerIsSilent() async throws {
        try await RemoteHub.run { fixture in
            let owner = try await fixture.join("A", patience: .milliseconds(200))
            let claimant = try await fixture.join("B")
            owner.transport.hold()
            try await claimant.submit(.claim("A", nil))
            try await claimant.received(["B registered @0", "A/1 back from 0 @0:"])
            try await eventually { owner.hubNotes.all == ["\(LinkEnd.silent)"] }
        }
    }

    @Test("an owner that does not answer delays only the claims of its own sessions")
    func othersGoOn() async throws {
        try await RemoteHub.run { fixture in
            let (slow, owner) = (try await fixture.join("A"), try await fixture.join("C"))
            let claimant = try await fixture.join("B")
            slow.transport.hold()
            try await claimant.submit(.claim("A", nil), .claim("C", nil))
            try await claimant.received(["B registered @0", "C/1 back from 0 @0:"])
            slow.transport.release()
            try await claimant.received(["B registered @0", "C/1 back from 0 @0:", "A/1 back from 0 @0:"])
            try await owner.received(["C registered @0", "C lost 0"])
        }
    }

    @Test("an owner that sends but does not answer in time is evicted")
    func ownerIsSlow() async throws {
        try await RemoteHub.run { fixture in
            let owner = try await fixture.join("A", patience: .milliseconds(200))
            let claimant = try await fixture.join("B")
            // The length of a large frame, then its content byte by byte, before which no answer can arrive. It comes
            // from the loop that counts the silence, so a busy machine cannot delay it more than the count.
            let trickle = await owner.onLoop { loop in
                owner.transport.hold()
                owner.hubTransport.inject([0, 0, 0, 1])
                return loop.startTask {
                    while !Task.isCancelled {
                        owner.hubTransport.inject([0])
                        await loop.pause(for: .milliseconds(5))
                    }
                }
            }
            defer { trickle.cancel() }
            try await claimant.submit(.claim("A", nil))
            try await claimant.received(["B registered @0", "A/1 back from 0 @0:"])
            try await eventually { owner.hubNotes.all == ["\(LinkEnd.unanswered)"] }
        }
    }

    @Test("a claimant whose link ends meanwhile gets no answer, and the next claim gets one")
    func claimantEnds() async throws {
        try await RemoteHub.run { fixture in
            let (owner, first) = (try await fixture.join("A"), try await fixture.join("B"))
            let second = try await fixture.join("C")
            try await claim(owner, by: first, in: fixture)
            first.hubTransport.end()
            try await eventually { !first.hubNotes.all.isEmpty }
            try await second.submit(.claim("A", nil))
            owner.transport.release()
            try await second.received(["C registered @0", "event late @1", "A/1 back in r from 0 @1: late@1"])
        }
    }

    @Test("two workers that claim each other's sessions both get them")
    func cyclic() async throws {
        try await RemoteHub.run { fixture in
            let (first, second) = (try await fixture.join("A"), try await fixture.join("B"))
            try await first.submit(.claim("B", nil))
            try await second.submit(.claim("A", nil))
            try await eventually { first.receiver.words.count == 3 && second.receiver.words.count == 3 }
            #expect(Set(first.receiver.words) == ["A registered @0", "B/1 back from 0 @0:", "A lost 0"])
            #expect(Set(second.receiver.words) == ["B registered @0", "A/1 back from 0 @0:", "B lost 0"])
        }
    }
}
