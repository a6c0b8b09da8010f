import Testing

@testable import Transport

@Suite("Peers that forward and are not trusted")
struct UntrustedProxiesTests {
    private func head(_ forwardedFor: String...) throws -> HTTPRequestHead {
        try HTTPRequestHead(.get, "/", headers: forwardedFor.map { (name: "X-Forwarded-For", value: $0) })
    }

    @Test("a peer is reported once, with the second client that it forwards")
    func several() throws {
        var proxies = UntrustedProxies()
        #expect(proxies.note(try head(), from: "10.0.0.1") == .known)
        #expect(proxies.note(try head("1.1.1.1"), from: "10.0.0.1") == .known)
        #expect(proxies.note(try head("1.1.1.1"), from: "10.0.0.1") == .known)
        #expect(proxies.note(try head("2.2.2.2"), from: "10.0.0.2") == .known)
        #expect(proxies.note(try head("2.2.2.2"), from: "10.0.0.1") == .first)
        #expect(proxies.note(try head("3.3.3.3"), from: "10.0.0.1") == .known)
        #expect(proxies.note(try head("3.3.3.3"), from: "") == .known)
        #expect(proxies.note(try head("3.3.3.3", "4.4.4.4"), from: "") == .first)
    }

    @Test("a network of IPv6 addresses is one peer, and so is a peer that also sends PROXY headers")
    func groups() throws {
        var proxies = UntrustedProxies()
        #expect(proxies.note(try head("1.1.1.1"), from: "2001:db8::1") == .known)
        #expect(proxies.note(try head("2.2.2.2"), from: "2001:db8::2") == .first)
        for number in 1...20 { #expect(proxies.noteHeader(from: "2001:db8::\(number)") == .known) }
        #expect(proxies.noteHeader(from: "2001:db8:0:1::1") == .first)
        for number in 3..<UntrustedProxies.maxReports {
            #expect(proxies.noteHeader(from: "10.0.0.\(number)") == .first)
        }
        #expect(proxies.noteHeader(from: "10.0.0.1") == .last)
        #expect(proxies.noteHeader(from: "10.0.0.2") == .known)
    }

    @Test("the numbers of watched and of reported peers are bounded")
    func bounded() throws {
        var proxies = UntrustedProxies()
        #expect(proxies.note(try head("1.1.1.1"), from: "proxy") == .known)
        for number in 0..<UntrustedProxies.capacity { _ = proxies.note(try head("1.1.1.1"), from: "\(number)") }
        // The proxy was forgotten, and is noticed again.
        #expect(proxies.note(try head("2.2.2.2"), from: "proxy") == .known)
        #expect(proxies.note(try head("3.3.3.3"), from: "proxy") == .first)
        var reports: [LimitedReports.Occurrence] = []
        for number in 0..<20 {
            _ = proxies.note(try head("1.1.1.1"), from: "x\(number)")
            reports.append(proxies.note(try head("2.2.2.2"), from: "x\(number)"))
        }
        let rest = UntrustedProxies.maxReports - 1
        #expect(reports.prefix(rest).dropLast().allSatisfy { $0 == .first } && reports[rest - 1] == .last)
        #expect(reports.dropFirst(rest).allSatisfy { $0 == .known })
    }
}
