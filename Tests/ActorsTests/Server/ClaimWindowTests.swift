import Testing

@testable import Actors

@Suite("Claim window: few claims are open at a time")
struct ClaimWindowTests {
    /// A window of two, with one claim for each client.
    private func window(_ clients: String...) -> ClaimWindow<String> {
        var window = ClaimWindow<String>(maxOpen: 2)
        for client in clients {
            window.add(client) { number in
                Claim(number: number, namespace: "/", privateID: nil, offset: client, maxMissedBytes: 0)
            }
        }
        return window
    }

    /// The offsets of the claims that may go now, which are the names of their clients.
    private func go(_ window: inout ClaimWindow<String>, gone: String? = nil) -> [String?] {
        var claims: [String?] = []
        while let claim = window.next(isGone: { $0 == gone }) { claims.append(claim.offset) }
        return claims
    }

    private func answer(_ number: UInt64, _ window: inout ClaimWindow<String>) -> String? {
        window.answered(number)
    }

    @Test("the others wait for an answer, in their order")
    func waits() {
        var window = window("a", "b", "c", "d")
        #expect(go(&window) == ["a", "b"])
        #expect(answer(2, &window) == "b")
        #expect(go(&window) == ["c"])
        #expect(answer(1, &window) == "a")
        #expect(go(&window) == ["d"])
    }

    @Test("for a client that is gone nobody asks")
    func gone() {
        var window = window("a", "b", "c")
        #expect(go(&window, gone: "a") == ["b", "c"])
        #expect(answer(1, &window) == nil)
    }

    @Test("when no answers come any more, nobody waits for one")
    func forgotten() {
        var window = window("a", "b", "c")
        #expect(go(&window) == ["a", "b"])
        window.forgetAll()
        #expect(answer(1, &window) == nil)
        #expect(go(&window).isEmpty)
    }

    @Test("an answer has one claimant")
    func once() {
        var window = window("a")
        #expect(go(&window) == ["a"])
        #expect(answer(1, &window) == "a")
        #expect(answer(1, &window) == nil)
    }
}
