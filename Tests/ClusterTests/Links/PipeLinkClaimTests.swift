import Actors
import Testing

@testable import Cluster

@Suite("Pipe link: the owner's link is drained before its session's claim is answered")
struct PipeLinkClaimTests {
    /// Requests of one socket: it joins a room, sets its data, and emits.
    private func requests(by letter: Character, on peer: LinkPeer) throws -> [UInt8] {
        let data = try JSONText(validating: Array("1".utf8))
        return peer.frame(
            try .join(letter, "r"), .setData(try SessionKey(letter), data), try .emit("of \(letter)", by: letter))
    }

    @Test("the answer includes requests that the owner has written and the hub has not read", arguments: [true, false])
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
            #expect(try await claimant.nextEvents(2) == ["event of A @1", "A/1 back in r from 0 @1: of A@1"])
            #expect(
                try await owner.nextEvents(5) == ["A joined r", "A noted", "event of A @1", "A emitted", "A lost 0"])
        }
    }

    @Test("the answer includes the requests of an owner whose process has ended")
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
            #expect(try await claimant.nextEvents(2) == ["event of A @1", "A/1 back in r from 0 @1: of A@1"])
            #expect(owner.notes.all == ["ended: \(LinkEnd.endOfFile)"])
        }
    }

    @Test("the old owner's requests after the answer are stale")
    func stale() async throws {
        try await LinkedHub.run { fixture in
            let (owner, claimant) = (try await fixture.join("A").peer, try await fixture.join("B").peer)
            try claimant.write(claimant.frame(try .claim("A", nil)))
            #expect(try await claimant.nextEvents(1) == ["A/1 back from 0 @0:"])
            try owner.write(try requests(by: "A", on: owner))
            #expect(try await owner.nextEvents(2) == ["A lost 0", "A emitted"], "a stale emit only returns its credit")
            try claimant.write(claimant.frame(try .emit("x")))
            #expect(try await claimant.nextEvents(1) == ["event x @1"])
        }
    }

    /// Each side claims the other's session, then sends requests of its own session, each in its own frame.
    private func writeCyclicClaims(_ first: LinkPeer, _ second: LinkPeer, in fixture: LinkedHub) async throws {
        let ofFirst = try [
            first.frame(.claim("B", nil)), first.frame(.join("A", "r")), first.frame(.emit("a", by: "A")),
        ]
        let ofSecond = try [
            second.frame(.claim("A", nil)), second.frame(.join("B", "s")), second.frame(.emit("b", by: "B")),
        ]
        try await fixture.write((first, Array(ofFirst.joined())), (second, Array(ofSecond.joined())))
    }

    @Test("two workers that claim each other's sessions drain each other")
    func cyclic() async throws {
        try await LinkedHub.run { fixture in
            let (first, second) = (try await fixture.join("A").peer, try await fixture.join("B").peer)
            try await writeCyclicClaims(first, second, in: fixture)
            // The first claim names B, so B's link is drained first. A's link is drained before the claim of A is
            // answered.
            let toFirst = [
                "event b @1", "B/1 back in s from 0 @1: b@1", "A joined r", "event a @2", "A emitted", "A lost 0",
            ]
            let toSecond = ["B joined s", "event b @1", "B emitted", "B lost 0", "A/1 back in r from 0 @2: b@1 a@2"]
            #expect(try await first.nextEvents(6) == toFirst)
            #expect(try await second.nextEvents(5) == toSecond)
        }
    }

    @Test("two workers claim each other's sessions, and one has ended with frames after its claim")
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
            #expect(try await second.nextEvents(2) == ["B lost 0", "A/1 back in r from 0 @1: of A@1"])
            #expect(first.notes.all == ["ended: \(LinkEnd.endOfFile)"])
        }
    }
}
