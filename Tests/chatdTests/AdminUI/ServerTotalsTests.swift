import Actors
import Testing

@testable import chatd

@Suite("The numbers of the dashboard")
struct ServerTotalsTests {
    private func totals(opened: Int, closed: Int) -> ServerTotals {
        ServerTotals(
            serverID: "host#1", hostname: "host", process: 1, uptime: 5, clients: 3, pollingClients: 1,
            sockets: ["/": 2, "/admin": 1],
            totals: [
                .init(type: "rawConnection"): opened,
                .init(type: "rawDisconnection", subType: "transport close"): closed,
            ])
    }

    private func text(_ json: JSONText) -> String { String(decoding: json.utf8, as: UTF8.self) }

    @Test("workers tell each other what they are")
    func json() {
        #expect(ServerTotals(totals(opened: 7, closed: 4).json) == totals(opened: 7, closed: 4))
        for value: JSONText in [.null, [], ["serverId": "a"], ["serverId": 5]] { #expect(ServerTotals(value) == nil) }
    }

    @Test("the events since the last report are counted, with the second of the report")
    func statistics() {
        let statistics = totals(opened: 7, closed: 4).statistics(
            since: totals(opened: 5, closed: 4), at: .milliseconds(12_345))
        #expect(
            text(statistics) == """
                {"serverId":"host#1","hostname":"host","pid":1,"uptime":5,"clientsCount":3,"pollingClientsCount":1,\
                "aggregatedEvents":[{"timestamp":12000,"type":"rawConnection","count":2}],\
                "namespaces":[{"name":"/","socketsCount":2},{"name":"/admin","socketsCount":1}]}
                """)
        let ended = totals(opened: 5, closed: 6).statistics(since: totals(opened: 5, closed: 4), at: .zero)
        #expect(
            text(ended["aggregatedEvents"] ?? .null)
                == #"[{"timestamp":0,"type":"rawDisconnection","subType":"transport close","count":2}]"#)
    }

    @Test("the first report has no events, because they are not of this time")
    func first() {
        let statistics = totals(opened: 7, closed: 4).statistics(since: nil, at: .zero)
        #expect(text(statistics["aggregatedEvents"] ?? .null) == "[]")
    }
}
