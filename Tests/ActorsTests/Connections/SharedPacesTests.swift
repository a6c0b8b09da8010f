import Testing
import Transport

@testable import Actors

@Suite("Rates that connections share")
struct SharedPacesTests {
    private let now = ContinuousClock.now
    private let ada = PaceOwner.identity("a")
    private let limits: Pace.Limits
    private let historyLimits: Pace.Limits

    init() throws {
        historyLimits = try #require(
            Pace.Limits(ServerOptions(historyRate: RateLimit(perSecond: 100, burst: 100), limitsLocalClients: true)))
        limits = try #require(
            Pace.Limits(ServerOptions(messageRate: RateLimit(perSecond: 10, burst: 2), limitsLocalClients: true)))
    }

    @Test("connections that wait try one after the other, in the order in which they began to wait")
    func turns() throws {
        var paces = SharedPaces()
        for _ in 0..<3 { paces.begin(ada, at: now) }
        let tickets = (0..<3).compactMap { _ in paces.beginWaiting(for: ada) }
        try #require(tickets.count == 3)
        for _ in 0..<2 { paces.take(1, of: ada, limits, at: now) }
        let tries = { tickets.map { paces.nextTry(of: ada, $0, limits, at: now) } }
        #expect(tries() == [.milliseconds(100), .milliseconds(200), .milliseconds(300)])
        #expect(tries() == [.milliseconds(100), .milliseconds(200), .milliseconds(300)])
        paces.endWaiting(tickets[0], for: ada)
        let last = paces.beginWaiting(for: ada)
        #expect(try #require(last) > tickets[2])
        #expect(tries().dropFirst() == [.milliseconds(100), .milliseconds(200)])
        #expect(paces.severalWait(of: ada))
        // Those before it may leave, so the last one waits a second longer than the first one at most.
        for _ in 0..<100 { _ = paces.beginWaiting(for: ada) }
        let ticket = paces.beginWaiting(for: ada)
        #expect(paces.nextTry(of: ada, ticket, limits, at: now) == .milliseconds(1100))
    }

    @Test("what packets without a message use while a connection waits counts after its turn, and is a second at most")
    func deferred() throws {
        let limits = try #require(
            Pace.Limits(ServerOptions(byteRate: RateLimit(perSecond: 100, burst: 100), limitsLocalClients: true)))
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        paces.charge(otherPackets: 1000, makesDebt: true, of: ada, limits, at: now)
        #expect(paces.delay(of: ada, limits, at: now) == .milliseconds(1010))
        let waiting = paces.beginWaiting(for: ada)
        let ticket = try #require(waiting)
        for _ in 0..<100 { paces.charge(otherPackets: 1000, makesDebt: true, of: ada, limits, at: now) }
        let later = now + .milliseconds(1010)
        #expect(paces.delay(of: ada, limits, at: later) == .zero)
        paces.take(1, of: ada, limits, at: later)
        paces.endWaiting(ticket, for: ada)
        #expect(paces.delay(of: ada, limits, at: later) == .milliseconds(1010))
        // The other workers hear of what has counted.
        #expect(paces.takeReport(maxCount: 1).first?.bytes == 200 + 1 + 100)
    }

    @Test("packets that make nobody wait use up the burst and make no debt")
    func withoutDebt() throws {
        let limits = try #require(
            Pace.Limits(ServerOptions(byteRate: RateLimit(perSecond: 100, burst: 100), limitsLocalClients: true)))
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        for _ in 0..<10 { paces.charge(otherPackets: 1000, makesDebt: false, of: ada, limits, at: now) }
        #expect(paces.delay(of: ada, limits, at: now) == .milliseconds(10))
        #expect(paces.takeReport(maxCount: 1).isEmpty)
    }

    @Test("work counts for an owner whose last connection has gone")
    func chargedLater() {
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        paces.end(ada, at: now)
        paces.chargeHistory(1 << 40, isUrgent: false, of: ada, historyLimits, at: now)
        paces.begin(ada, at: now)
        #expect(paces.historyDelay(of: ada, isUrgent: false, historyLimits, at: now) > .seconds(9))
    }

    @Test("an identity without connections is kept until its rates are full again")
    func forgets() {
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        paces.end(ada, at: now)
        #expect(paces.count == 0)
        paces.begin(ada, at: now)
        paces.take(1, of: ada, limits, at: now)
        paces.end(ada, at: now)
        #expect(paces.count == 1)
        for number in 0..<1000 {
            let later = now + .seconds(1 + number)
            paces.begin(.identity("\(number)"), at: later)
            paces.take(1, of: .identity("\(number)"), limits, at: later)
            paces.end(.identity("\(number)"), at: later)
        }
        #expect(paces.count <= 65)
    }

    @Test("what an identity uses at another worker counts here, also before it connects here")
    func usedElsewhere() {
        var (here, elsewhere) = (SharedPaces(), SharedPaces())
        elsewhere.begin(ada, at: now)
        #expect(elsewhere.takeReport(maxCount: 9) == [])
        for _ in 0..<12 { elsewhere.take(5, of: ada, limits, at: now) }
        let report = elsewhere.takeReport(maxCount: 9)
        #expect(report == [SharedUse.Identity(id: "a", messages: 12, bytes: 60, historyBytes: 0)])
        #expect(elsewhere.takeReport(maxCount: 9) == [])
        for use in report { here.charge(use, of: PaceOwner(name: use.id), limits, at: now) }
        here.begin(ada, at: now)
        #expect(here.delay(of: ada, limits, at: now) == .milliseconds(1100))
        #expect(here.delay(of: .identity("b"), limits, at: now) == .zero)
    }

    @Test("identities that do not fit into one report are in the next one, and are forgotten in the end")
    func reports() {
        var (here, elsewhere) = (SharedPaces(), SharedPaces())
        for number in 0..<200 {
            elsewhere.begin(.identity("\(number)"), at: now)
            elsewhere.take(1, of: .identity("\(number)"), limits, at: now)
        }
        let reports = (0..<3).map { _ in elsewhere.takeReport(maxCount: 150) }
        #expect(reports.map(\.count) == [150, 50, 0])
        for use in reports.joined() { here.charge(use, of: PaceOwner(name: use.id), limits, at: now) }
        #expect(here.count == 200)
        for number in 0..<200 {
            let use = SharedUse.Identity(id: "later \(number)", messages: 1, bytes: 0, historyBytes: 0)
            here.charge(use, of: PaceOwner(name: use.id), limits, at: now + .seconds(60 + number))
        }
        #expect(here.count < 250)
    }

    @Test("any number of bytes that an application charges fits into a report")
    func excess() throws {
        let limits = try #require(
            Pace.Limits(ServerOptions(byteRate: RateLimit(perSecond: 100, burst: 100), limitsLocalClients: true)))
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        for _ in 0..<3 { paces.charge(1 << 50, of: ada, limits, at: now) }
        #expect(paces.takeReport(maxCount: 1).map(\.bytes) == [1 << 40])
    }

    @Test("an owner's name stands for it; an id that is no name of an address is an identity's")
    func names() throws {
        let groups = try ["203.0.113.7", "2001:db8::1", "unknown"].map {
            try #require(AddressGroup(ofPeer: $0, except: .none))
        }
        for owner in [ada, .identity(""), .identity("203.0.113.7"), .identity("\0x"), .identity("\0203.0.113.7")]
            + groups.map(PaceOwner.address)
        {
            #expect(PaceOwner(name: owner.name) == owner)
        }
        #expect(PaceOwner.address(groups[1]).name == "\02001:db8::/64")
    }

    @Test("limits that are many times as high stay in their range")
    func factor() {
        let scaled = limits.multiplied(by: 4)
        #expect(scaled.messages == RateLimit(perSecond: 40, burst: 8) && scaled.bytes == nil)
        #expect(limits.multiplied(by: .max).messages == RateLimit(perSecond: 1_000_000_000, burst: .max))
    }

    @Test("the debt of an address is at most ten seconds, that of an identity has no limit")
    func debt() throws {
        let address = PaceOwner.address(try #require(AddressGroup(ofPeer: "203.0.113.7", except: .none)))
        let shared = limits.multiplied(by: 2)
        var paces = SharedPaces()
        for owner in [ada, address] { paces.begin(owner, at: now) }
        for _ in 0..<1000 {
            paces.take(1, of: ada, limits, at: now)
            paces.take(1, of: address, shared, at: now)
        }
        #expect(paces.delay(of: ada, limits, at: now) > .seconds(90))
        #expect(paces.delay(of: address, shared, at: now) == .milliseconds(10_050))
        let report = SharedUse.Identity(id: address.name, messages: 1_000_000, bytes: 0, historyBytes: 0)
        paces.charge(report, of: address, shared, at: now)
        #expect(paces.delay(of: address, shared, at: now) == .milliseconds(10_050))
    }

    @Test("what clients read of the history has a rate of its own, which counts at other workers too")
    func history() throws {
        let limits = try #require(Pace.Limits(ServerOptions(historyRate: RateLimit(perSecond: 1000, burst: 500))))
        var (here, elsewhere) = (SharedPaces(), SharedPaces())
        here.begin(ada, at: now)
        for _ in 0..<2 { here.chargeHistory(2500, isUrgent: false, of: ada, limits, at: now) }
        #expect(here.historyDelay(of: ada, isUrgent: false, limits, at: now) == .milliseconds(4501))
        #expect(here.delay(of: ada, limits, at: now) == .zero)
        let report = here.takeReport(maxCount: 9)
        #expect(report == [SharedUse.Identity(id: "a", messages: 0, bytes: 0, historyBytes: 5000)])
        let delays = (0..<3).map { _ in
            elsewhere.charge(report[0], of: ada, limits, at: now)
            return elsewhere.historyDelay(of: ada, isUrgent: false, limits, at: now)
        }
        #expect(delays == [.milliseconds(4501), .milliseconds(9501), .milliseconds(10_001)])
        #expect(limits.multiplied(by: 3).history == RateLimit(perSecond: 3000, burst: 1500))
    }

    @Test("what is urgent has a second rate, of which other workers do not hear")
    func urgentHistory() throws {
        let limits = try #require(Pace.Limits(ServerOptions(historyRate: RateLimit(perSecond: 1000, burst: 500))))
        var paces = SharedPaces()
        func delay(_ isUrgent: Bool) -> Duration { paces.historyDelay(of: ada, isUrgent: isUrgent, limits, at: now) }
        paces.begin(ada, at: now)
        paces.chargeHistory(1000, isUrgent: true, of: ada, limits, at: now)
        #expect(delay(false) == .milliseconds(501) && delay(true) == .zero)
        #expect(paces.takeReport(maxCount: 9).map(\.historyBytes) == [1000])
        paces.chargeHistory(2000, isUrgent: true, of: ada, limits, at: now)
        #expect(delay(false) == .milliseconds(501) && delay(true) == .milliseconds(501))
        paces.chargeHistory(2000, isUrgent: true, of: ada, limits, at: now)
        #expect(delay(false) == .milliseconds(501) && delay(true) == .milliseconds(501))
        #expect(paces.takeReport(maxCount: 9).isEmpty)
        paces.end(ada, at: now + .seconds(1))
        #expect(paces.count == 1, "the second rate is remembered too")
    }

    @Test("owners that use much all the time do not keep others out of the reports")
    func takesTurns() throws {
        var paces = SharedPaces()
        let owners = try (0..<8).flatMap { number -> [PaceOwner] in
            let group = try #require(AddressGroup(ofPeer: "203.0.113.\(number)", except: .none))
            return [.address(group), .identity("\(number)")]
        }
        for owner in owners { paces.begin(owner, at: now) }
        var reported: Set<PaceOwner> = []
        for _ in 0..<4 {
            for owner in owners { paces.take(1, of: owner, limits, at: now) }
            let report = paces.takeReport(maxCount: 4)
            #expect(report.count == 4)
            reported.formUnion(report.map { PaceOwner(name: $0.id) })
        }
        #expect(reported == Set(owners))
    }

    @Test("a first message makes nobody wait at other workers")
    func unreported() {
        var paces = SharedPaces()
        paces.begin(ada, at: now)
        for _ in 0..<100 { paces.take(1000, of: ada, limits, isReported: false, at: now) }
        #expect(paces.takeReport(maxCount: 9).isEmpty)
    }

    @Test("a report has identities also if very many addresses have used much")
    func kinds() throws {
        var paces = SharedPaces()
        for number in 0..<20 {
            let group = try #require(AddressGroup(ofPeer: "203.0.113.\(number)", except: .none))
            for owner in [.address(group), .identity("\(number)")] as [PaceOwner] {
                paces.begin(owner, at: now)
                paces.take(1, of: owner, limits, at: now)
            }
        }
        let reports = (0..<5).map { _ in paces.takeReport(maxCount: 10).map { PaceOwner(name: $0.id).isIdentity } }
        #expect(reports.prefix(4).allSatisfy { $0.count == 10 && $0.count(where: \.self) == 5 })
        #expect(reports[4].isEmpty)
    }

    @Test("a full table of addresses shares nothing with further ones, and has room again when addresses are idle")
    func fullTable() throws {
        var paces = SharedPaces(capacity: 100)
        func address(_ number: Int) throws -> PaceOwner {
            .address(try #require(AddressGroup(ofPeer: "10.0.\(number / 250).\(number % 250)", except: .none)))
        }
        for number in 0..<100 {
            let begins = paces.begin(try address(number), at: now)
            #expect(begins)
            paces.take(1, of: try address(number), limits, at: now)
        }
        let further = try address(100)
        var begins = paces.begin(further, at: now)
        #expect(!begins)
        begins = paces.begin(ada, at: now)
        #expect(begins)
        // The others leave with rates that are not full.
        for number in 0..<100 { paces.end(try address(number), at: now) }
        begins = paces.begin(further, at: now + .milliseconds(500))
        #expect(!begins)
        begins = paces.begin(further, at: now + .seconds(60))
        #expect(begins && paces.count == 2)
    }
}
