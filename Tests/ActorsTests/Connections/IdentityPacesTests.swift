import Testing
import Transport

@testable import Actors

@Suite("The rates of identities")
struct IdentityPacesTests {
    private let now = ContinuousClock.now
    private let limits: Pace.Limits

    init() throws {
        limits = try #require(
            Pace.Limits(ServerOptions(messageRate: RateLimit(perSecond: 10, burst: 2), limitsLocalClients: true)))
    }

    @Test("connections that wait try one after the other")
    func turns() {
        var paces = IdentityPaces()
        for _ in 0..<3 {
            paces.begin("a", at: now)
            paces.setWaiting(true, of: "a")
        }
        for _ in 0..<2 { paces.take(1, of: "a", limits, at: now) }
        let tries = (0..<6).map { _ in paces.nextTry(of: "a", limits, at: now) }
        #expect(Set(tries) == [.milliseconds(100), .milliseconds(200), .milliseconds(300)])
    }

    @Test("an identity without connections is kept until its rates are full again")
    func forgets() {
        var paces = IdentityPaces()
        paces.begin("a", at: now)
        paces.end("a", at: now)
        #expect(paces.count == 0)
        paces.begin("a", at: now)
        paces.take(1, of: "a", limits, at: now)
        paces.end("a", at: now)
        #expect(paces.count == 1)
        for number in 0..<1000 {
            let later = now + .seconds(1 + number)
            paces.begin("\(number)", at: later)
            paces.take(1, of: "\(number)", limits, at: later)
            paces.end("\(number)", at: later)
        }
        #expect(paces.count <= 65)
    }
}
