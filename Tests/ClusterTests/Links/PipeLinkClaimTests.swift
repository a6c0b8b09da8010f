import Actors
import Testing

@testable import Cluster

@Suite("Pipe link: a claim waits until the link of the session's owner is drained")
struct PipeLinkClaimTests {
    /// Requests by the socket of this letter: it joins a room, is given data, and emits.
    private func requests(by letter: Character, on peer: LinkPeer) throws -> [UInt8] {
        let data = try JSONText(validating: Array("1".utf8))
        return peer.frame(
            try .join(letter, "r"), .setData(try SessionKey(letter), data), try .emit("of \(letter)", by: letter))
    }

    @Test("what the owner has written and nobody has read is in the answer", arguments: [true, false])
    func drainsOwner(claimIsFirst: Bool) async throws {
        try await LinkedHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A").peer, try await fixture.join("B").peer)
            let claim = (claimant, claimant.frame(try .claim("A", nil)))
            let requests = (owner, try requests(by: "A", on: owner))
            if claimIsFirst {
                try await fixture.write(claim, requests)
            } else {
                try await fixture.write(requests, claim)
            }
            #expect(try await claimant.hear(2) == ["event of A @1", "A/1 back in r from 0 @1: of A@1"])
            #expect(
                try await owner.hear(5) == ["A joined r", "A noted", "event of A @1", "A emitted", "A lost 0"])
        }
    }

    @Test("the owner's process may be gone by then")
    func ownerIsGone() async throws {
        try await LinkedHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A"), try await fixture.join("B").peer)
            let claim = claimant.frame(try .claim("A", nil))
            let requests = try requests(by: "A", on: owner.peer)
            try await fixture.onLoop {
                try claimant.write(claim)
                try owner.peer.write(requests)
                owner.peer.close()
            }
            #expect(try await claimant.hear(2) == ["event of A @1", "A/1 back in r from 0 @1: of A@1"])
            #expect(owner.notes.all == ["ended: it ended"])
        }
    }

    @Test("what comes behind the claim's answer is stale")
    func stale() async throws {
        try await LinkedHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A").peer, try await fixture.join("B").peer)
            try claimant.write(claimant.frame(try .claim("A", nil)))
            #expect(try await claimant.hear(1) == ["A/1 back from 0 @0:"])
            try owner.write(try requests(by: "A", on: owner))
            #expect(try await owner.hear(2) == ["A lost 0", "A emitted"], "its credit comes back, nothing else")
            try claimant.write(claimant.frame(try .emit("x")))
            #expect(try await claimant.hear(1) == ["event x @1"])
        }
    }

    /// Both claim the other's session before they do something by their own, each in a frame of its own.
    private func writeCyclicClaims(_ first: LinkPeer, _ second: LinkPeer, in fixture: LinkedHub) async throws {
        let ofFirst = try [
            first.frame(.claim("B", nil)), first.frame(.join("A", "r")), first.frame(.emit("a", by: "A")),
        ]
        let ofSecond = try [
            second.frame(.claim("A", nil)), second.frame(.join("B", "s")), second.frame(.emit("b", by: "B")),
        ]
        try await fixture.write((first, Array(ofFirst.joined())), (second, Array(ofSecond.joined())))
    }

    @Test("two that claim each other's sessions drain each other")
    func cyclic() async throws {
        try await LinkedHub.run { fixture in
            let (first, second) = (try await fixture.join("A").peer, try await fixture.join("B").peer)
            try await writeCyclicClaims(first, second, in: fixture)
            // The first claim is of B, so B is drained first, and A before the claim of A is answered.
            let toFirst = [
                "event b @1", "B/1 back in s from 0 @1: b@1", "A joined r", "event a @2", "A emitted", "A lost 0",
            ]
            let toSecond = ["B joined s", "event b @1", "B emitted", "B lost 0", "A/1 back in r from 0 @2: b@1 a@2"]
            #expect(try await first.hear(6) == toFirst)
            #expect(try await second.hear(5) == toSecond)
        }
    }

    @Test("one of them may be gone by then, with frames behind its claim")
    func cyclicAndGone() async throws {
        try await LinkedHub.run { fixture in
            let (first, second) = (try await fixture.join("A"), try await fixture.join("B").peer)
            let (claim, rest) = (first.peer.frame(try .claim("B", nil)), try requests(by: "A", on: first.peer))
            let counterclaim = second.frame(try .claim("A", nil))
            try await fixture.onLoop {
                try first.peer.write(claim + rest)
                first.peer.close()
                try second.write(counterclaim)
            }
            #expect(try await second.hear(2) == ["B lost 0", "A/1 back in r from 0 @1: of A@1"])
            #expect(first.notes.all == ["ended: it ended"])
        }
    }
}
