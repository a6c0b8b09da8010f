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

    @Test("what an identity uses at another worker counts here, also before it connects here")
    func usedElsewhere() {
        var (here, elsewhere) = (IdentityPaces(), IdentityPaces())
        elsewhere.begin("a", at: now)
        #expect(elsewhere.takeReport(limits, maxCount: 9) == [])
        for _ in 0..<12 { elsewhere.take(5, of: "a", limits, at: now) }
        let report = elsewhere.takeReport(limits, maxCount: 9)
        #expect(report == [SharedUse.Identity(id: "a", messages: 12, bytes: 60)])
        #expect(elsewhere.takeReport(limits, maxCount: 9) == [])
        for use in report { here.charge(use, limits, at: now) }
        here.begin("a", at: now)
        #expect(here.delay(of: "a", limits, at: now) == .milliseconds(1100))
        #expect(here.delay(of: "b", limits, at: now) == .zero)
    }

    @Test("identities that do not fit into one report are in the next one, and are forgotten in the end")
    func reports() {
        var (here, elsewhere) = (IdentityPaces(), IdentityPaces())
        for number in 0..<200 {
            elsewhere.begin("\(number)", at: now)
            elsewhere.take(1, of: "\(number)", limits, at: now)
        }
        let reports = (0..<3).map { _ in elsewhere.takeReport(limits, maxCount: 150) }
        #expect(reports.map(\.count) == [150, 50, 0])
        for use in reports.joined() { here.charge(use, limits, at: now) }
        #expect(here.count == 200)
        for number in 0..<200 {
            let use = SharedUse.Identity(id: "later \(number)", messages: 1, bytes: 0)
            here.charge(use, limits, at: now + .seconds(60 + number))
        }
        #expect(here.count < 250)
    }

    @Test("any number of bytes that an application charges fits into a report")
    func excess() throws {
        let limits = try #require(
            Pace.Limits(ServerOptions(byteRate: RateLimit(perSecond: 100, burst: 100), limitsLocalClients: true)))
        var paces = IdentityPaces()
        paces.begin("a", at: now)
        for _ in 0..<3 { paces.charge(1 << 50, of: "a", limits, at: now) }
        #expect(paces.takeReport(limits, maxCount: 1).map(\.bytes) == [1 << 40])
    }
}
