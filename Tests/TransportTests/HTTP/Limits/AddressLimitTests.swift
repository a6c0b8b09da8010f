import Testing

@testable import Transport

@Suite("Limits of each address")
struct AddressLimitTests {
    static let start = ContinuousClock.now

    private func table(_ limits: AddressLimits, proxies: String = "10.0.0.0/8") throws -> (AddressTable, OpenCount) {
        let server = OpenCount()
        return (AddressTable(limits, except: try TrustedProxies(proxies), in: server), server)
    }

    @Test(
        "an IPv4 address is one client, and so are an IPv6 network of 64 bits and a mapped address",
        arguments: [
            ("203.0.113.7", "203.0.113.7", true), ("203.0.113.7", "203.0.113.8", false),
            ("2001:db8::1", "2001:db8::2:3", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:203.0.113.7", "203.0.113.7", true), ("fe80::1%eth0", "fe80::2%eth1", true),
        ])
    func groups(one: String, other: String, areEqual: Bool) throws {
        let (table, _) = try table(AddressLimits(connections: 1))
        let first = try #require(table.use(ofPeer: one, at: Self.start))
        #expect((table.use(ofPeer: other, at: Self.start) === first) == areEqual)
    }

    @Test(
        "loopback addresses, Unix domain sockets and trusted proxies have no limits",
        arguments: ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "", "10.1.2.3", "::ffff:10.1.2.3"])
    func exempt(peer: String) throws {
        let (table, _) = try table(AddressLimits(connections: 1))
        #expect(table.use(ofPeer: peer, at: Self.start) == nil)
    }

    @Test("the text of a group is the address or the network")
    func text() {
        #expect(AddressGroup(ofPeer: "::ffff:203.0.113.7", except: .none)?.description == "203.0.113.7")
        #expect(AddressGroup(ofPeer: "2001:db8::2:3", except: .none)?.description == "2001:db8::/64")
    }

    @Test("an address's connections count for the server too")
    func counts() throws {
        let (table, server) = try table(AddressLimits(connections: 2))
        let use = try #require(table.use(ofPeer: "203.0.113.7", at: Self.start))
        use.connections.open += 1
        server.open += 1
        #expect(use.connections.open == 1 && server.open == 2)
        use.connections.open -= 1
        #expect(use.connections.open == 0 && server.open == 1)
    }

    @Test("sessions above the limit, or above the rate, are refused with the time to wait")
    func sessions() throws {
        let limits = AddressLimits(connections: 2, handshakes: RateLimit(perSecond: 1, burst: 3))
        let (table, _) = try table(limits)
        let use = try #require(table.use(ofPeer: "203.0.113.7", at: Self.start))
        for _ in 0..<2 {
            #expect(use.admitSession(limits, at: Self.start) == nil)
            use.sessions += 1
        }
        #expect(use.admitSession(limits, at: Self.start)?.0 == .addressSessions)
        use.sessions = 0
        let refusal = try #require(use.admitSession(limits, at: Self.start))
        #expect(refusal.0 == .handshakes && refusal.1 == .seconds(1))
        #expect(use.admitSession(limits, at: Self.start + .seconds(1)) == nil)
    }

    @Test("an address that uses nothing is forgotten, and one that does is not")
    func forgets() throws {
        let limits = AddressLimits(connections: 9, handshakes: RateLimit(perSecond: 1, burst: 1))
        let (table, _) = try table(limits)
        let kept = try #require(table.use(ofPeer: "203.0.113.7", at: Self.start))
        kept.sessions = 1
        let limited = try #require(table.use(ofPeer: "203.0.113.8", at: Self.start))
        _ = limited.admitSession(limits, at: Self.start)
        for number in 0..<1000 {
            let at = Self.start + .milliseconds(number / 4)
            _ = table.use(ofPeer: "198.51.\(number / 256).\(number % 256)", at: at)
        }
        #expect(table.count < 300)
        #expect(table.use(ofPeer: "203.0.113.7", at: Self.start + .milliseconds(300)) === kept)
        #expect(table.use(ofPeer: "203.0.113.8", at: Self.start + .milliseconds(300)) === limited)
    }

    /// A table whose entries are all in use, by the addresses of one attacker.
    private func full() throws -> AddressTable {
        let (table, _) = try table(AddressLimits(connections: 9))
        for number in 0..<AddressTable.capacity {
            let peer = "20.\(number >> 16).\(number >> 8 & 255).\(number & 255)"
            try #require(table.use(ofPeer: peer, at: Self.start)).sessions += 1
        }
        return table
    }

    @Test("above the bound, further addresses share entries, so that an attacker uses up only those of own networks")
    func bounded() throws {
        let table = try full()
        for number in 0..<20_000 {
            let attacker = try #require(
                table.use(ofPeer: "20.9.\(number >> 8 & 255).\(number & 255)", at: Self.start))
            attacker.sessions += 1
        }
        #expect(table.shared.count == 1 && table.count == AddressTable.capacity)
        // Other clients have a share of their own; some may have the attacker's by chance.
        let others = try (0..<200).map { number in
            try #require(table.use(ofPeer: "\(30 + number / 100).\(number % 100).0.1", at: Self.start))
        }
        #expect(others.count { $0.sessions == 0 } > 190)
        let network = try (0..<9).map { try #require(table.use(ofPeer: "2001:db8:\($0)::1", at: Self.start)) }
        #expect(network.allSatisfy { $0 === network[0] })
    }

    @Test("the number of shared entries is bounded too")
    func boundedShares() throws {
        let table = try full()
        for number in 0..<30_000 {
            try #require(table.use(ofPeer: "\(130 + (number >> 8)).\(number & 255).0.1", at: Self.start)).sessions += 1
        }
        #expect(table.shared.count <= AddressTable.shares && table.shared.count > AddressTable.shares / 2)
        #expect(table.count == AddressTable.capacity)
    }

    @Test("a full table forgets addresses that use nothing once a second, and has room again")
    func sweepsFull() throws {
        let (table, _) = try table(AddressLimits(connections: 9))
        var uses: [AddressUse] = []
        for number in 0..<AddressTable.capacity {
            let peer = "20.\(number >> 16).\(number >> 8 & 255).\(number & 255)"
            uses.append(try #require(table.use(ofPeer: peer, at: Self.start)))
            uses[number].sessions = 1
        }
        _ = table.use(ofPeer: "21.0.0.1", at: Self.start + .seconds(5))
        uses[7].sessions = 0
        _ = table.use(ofPeer: "22.0.0.1", at: Self.start + .milliseconds(5900))
        #expect(table.count == AddressTable.capacity && table.shared.count > 0)
        let own = try #require(table.use(ofPeer: "22.0.0.1", at: Self.start + .seconds(6)))
        own.sessions = 1
        #expect(table.count == AddressTable.capacity && table.shared.count == 0)
        #expect(table.use(ofPeer: "22.0.0.1", at: Self.start + .seconds(6)) === own)
    }

    @Test("clients whose address a trusted proxy names in no known form share the limits of one address")
    func unknown() throws {
        let (table, _) = try table(AddressLimits(connections: 1))
        let use = try #require(table.use(ofPeer: "unknown", at: Self.start))
        #expect(table.use(ofPeer: "unknown", at: Self.start) === use)
        #expect(AddressGroup(ofPeer: "unknown", except: .none)?.description == "unknown")
    }
}

@Suite("Requests of programs on this machine")
struct LocalRequestTests {
    @Test(
        "a request is local if its peer is, and no proxy has passed it on",
        arguments: [
            ("127.0.0.1", "localhost:3000", [], true), ("::1", "[::1]:3000", [], true),
            ("", "chat.localhost", [], true), ("127.0.0.1", "127.0.0.1", [], true), ("127.0.0.1", nil, [], true),
            ("192.0.2.1", "localhost", [], false), ("127.0.0.1", "chat.example", [], false),
            ("127.0.0.1", "192.0.2.1:3000", [], false), ("127.0.0.1", "localhost", ["X-Forwarded-For"], false),
            ("127.0.0.1", "localhost", ["Via"], false), ("", "localhost", ["forwarded"], false),
            ("127.0.0.1", "localhost.evil.example", [], false), ("127.0.0.1", "localhost", ["x-real-ip"], false),
        ] as [(String, String?, [String], Bool)])
    func local(peer: String, host: String?, fields: [String], isLocal: Bool) throws {
        let headers = (host.map { [(name: "Host", value: $0)] } ?? []) + fields.map { (name: $0, value: "1.2.3.4") }
        let head = try HTTPRequestHead(.get, "/", headers: headers)
        #expect(head.isLocal(fromPeer: peer) == isLocal)
    }
}
