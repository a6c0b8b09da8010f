import Testing

@testable import Transport

@Suite("Limits of addresses that several workers share")
struct SharedAddressTests {
    private static let start = ContinuousClock.now
    private let limits = AddressLimits(connections: 128, handshakes: RateLimit(perSecond: 16, burst: 20))
    private let peer = "203.0.113.7"

    private func table() -> AddressTable { AddressTable(limits, except: .none, in: OpenCount()) }

    private func group(_ peer: String) throws -> AddressGroup {
        try #require(AddressGroup(ofPeer: peer, except: .none))
    }

    @Test("what is open at other workers counts as if it were open here")
    func openElsewhere() throws {
        let table = table()
        let use = try #require(table.use(ofPeer: peer, at: Self.start))
        use.connections.open = 2
        use.sessions = 2
        table.apply(
            AddressReport(group: try group(peer), connections: 125, sessions: 126, handshakes: 0), at: Self.start)
        #expect(use.admitsConnection(limits))
        let (limit, _) = try #require(use.admitSession(limits, at: Self.start))
        #expect(limit == .addressSessions)
        use.connections.open = 3
        #expect(!use.admitsConnection(limits))
        table.apply(AddressReport(group: try group(peer), connections: 0, sessions: 0, handshakes: 0), at: Self.start)
        #expect(use.admitsConnection(limits))
    }

    @Test("sessions that were opened at other workers use up the rate, also before the address is known here")
    func openedElsewhere() throws {
        let table = table()
        table.apply(AddressReport(group: try group(peer), connections: 0, sessions: 0, handshakes: 36), at: Self.start)
        let use = try #require(table.use(ofPeer: peer, at: Self.start))
        let (limit, delay) = try #require(use.admitSession(limits, at: Self.start))
        #expect(limit == .handshakes && delay == .seconds(17) / 16)
        #expect(use.admitSession(limits, at: Self.start + .seconds(2)) == nil)
    }

    @Test("an address is reported when it has a 64th of the connections, and once more when it does not any more")
    func reports() throws {
        let table = table()
        let use = try #require(table.use(ofPeer: peer, at: Self.start))
        use.connections.open = 1
        #expect(table.takeReport(maxCount: 9) == [] && !table.hasReported)
        use.connections.open = 2
        for _ in 0..<3 { _ = use.admitSession(limits, at: Self.start) }
        let report = AddressReport(group: try group(peer), connections: 2, sessions: 0, handshakes: 3)
        #expect(table.takeReport(maxCount: 9) == [report] && table.hasReported)
        #expect(table.takeReport(maxCount: 9) == [])
        use.connections.open = 0
        let end = AddressReport(group: try group(peer), connections: 0, sessions: 0, handshakes: 0)
        #expect(table.takeReport(maxCount: 9) == [end] && !table.hasReported)
        #expect(use.isUnused(at: Self.start + .seconds(9)))
    }

    @Test("what does not fit into one report is in the next one")
    func parts() throws {
        let table = table()
        for number in 1...5 { try #require(table.use(ofPeer: "203.0.113.\(number)", at: Self.start)).sessions = 9 }
        let reports = (0..<4).map { _ in table.takeReport(maxCount: 2).map(\.group) }
        #expect(reports.map(\.count) == [2, 2, 1, 0] && Set(reports.joined()).count == 5)
    }

    @Test("an address that is used elsewhere is forgotten when it is not used any more")
    func forgets() throws {
        let table = table()
        for number in 0..<200 {
            let group = try group("203.0.\(number).1")
            table.apply(AddressReport(group: group, connections: 2, sessions: 0, handshakes: 0), at: Self.start)
            table.apply(AddressReport(group: group, connections: 0, sessions: 0, handshakes: 0), at: Self.start)
        }
        for number in 0..<400 { _ = table.use(ofPeer: "198.51.\(number % 200).\(number / 200)", at: Self.start) }
        #expect(table.count <= 256)
    }

    @Test("an address that opens much is reported at once, and clients without an address share theirs")
    func urgent() throws {
        let table = table()
        let use = try #require(table.use(ofPeer: HTTPPeer.unknown, at: Self.start))
        use.sessions = 7
        #expect(!use.isUrgent(limits))
        use.sessions = 8
        #expect(use.isUrgent(limits))
        let report = try #require(table.takeReport(maxCount: 1).first)
        #expect(!use.isUrgent(limits) && AddressGroup(described: report.group.description) == report.group)
    }
}
