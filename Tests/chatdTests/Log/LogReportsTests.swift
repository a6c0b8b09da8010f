import Persistence
import Testing
import Transport

@testable import Actors
@testable import Cluster
@testable import chatd

@Suite("Log reports: counters, refusals, warnings and hints")
struct LogReportsTests {
    @Test("each counter has its own name and value")
    func counters() {
        var server = SocketServer.Status()
        server.messagesIn = 7
        server.engine.ended[.pingTimeout] = 2
        server.engine.refused[.badRequest] = 3
        server.refusedClients[.identityUnavailable] = 5
        var hub = Hub.Counters()
        hub.groups = 4
        hub.commitTime = .milliseconds(10)
        hub.longestCommit = .microseconds(6004)
        let line = LogReports.counters(server, hub)
        #expect(line.hasPrefix("counters ") && !line.contains("\n"))
        let fields = line.split(separator: " ").dropFirst()
        let names = fields.compactMap { $0.split(separator: "=").first }
        #expect(Set(names).count == fields.count)
        for field in [
            "messages_in=7", "ended_ping_timeout=2", "refused_engine_3=3",
            "refused_client_identity_unavailable=5", "store_groups=4", "store_ms_mean=2.500",
            "store_ms_max=6.004", "store_queue=0",
        ] {
            #expect(fields.contains(field[...]), "\(field)")
        }
    }

    @Test("a refusal names the origin or host and every way to allow it")
    func refusals() {
        let origin = LogReports.text(of: .originRefused("http://localhost:5173", host: "localhost:3000", isLast: false))
        for part in [
            "http://localhost:5173", "host localhost:3000", "--cors-origin http://localhost:5173",
            "proxy_set_header Host $http_host",
        ] {
            #expect(origin.contains(part))
        }
        let host = LogReports.text(of: .hostRefused("chat.example", isLast: true))
        #expect(host.contains("--allowed-hosts chat.example") && host.contains("no other host will be logged"))
    }

    @Test(
        "the first client from elsewhere is said to come through a proxy if its address is hidden",
        arguments: [
            ("", "through a proxy on this machine"), ("127.0.0.1", "through a proxy on this machine"),
            ("::1", "through a proxy on this machine"), ("unknown", "through a proxy that does not name its address"),
            ("10.0.0.1", "from 10.0.0.1, which is its address or that of a proxy"),
        ])
    func openDoor(address: String, way: String) {
        #expect(OpenDoorNote.way(from: address) == way)
    }

    @Test("a proxy that is not trusted is named with the option", arguments: [("10.0.0.1", "10.0.0.1"), ("", "unix")])
    func untrustedProxy(address: String, option: String) {
        for report in [HTTPReport.untrustedProxy(address, isLast: true), .untrustedProxyHeader(address, isLast: true)] {
            let text = LogReports.text(of: report)
            #expect(text.contains("add --trusted-proxies \(option)") && text.hasSuffix("no other proxy will be logged"))
        }
    }

    @Test(
        "a refusal names an option only if the refused host is a plain name",
        arguments: ["*", "*.example", "$(id)", "a;b", "[::1", "a..b/c", "a b", "--port", "localhost'", "", "a:1"])
    func hostileHosts(host: String) {
        let text = LogReports.text(of: .hostRefused(host, isLast: false))
        #expect(text == "refused requests for host \(host): no option allows them")
    }

    @Test(
        "a refusal names an option only if the refused origin is valid",
        arguments: ["*", "http://$(id)", "http://a;b", "http://*", "http://[::1", "http://a/b", "a", "http://a&b"])
    func hostileOrigins(origin: String) {
        let text = LogReports.text(of: .originRefused(origin, host: nil, isLast: false))
        #expect(!text.contains("--cors-origin") && text.contains("no option allows them"))
    }

    @Test(
        "a refusal names the option for origins of all kinds",
        arguments: ["null", "capacitor://localhost", "https://[::1]:3000", "file://"])
    func origins(origin: String) {
        let text = LogReports.text(of: .originRefused(origin, host: nil, isLast: false))
        #expect(text.contains("start with --cors-origin \(origin);"))
    }

    @Test(
        "a namespace that a client has made up is one short word of a line",
        arguments: ["/a b", "/a address=1.2.3.4", "/\" x", "/a\nforged", "/" + String(repeating: "long ", count: 1000)])
    func hostileNamespaces(name: String) throws {
        for error in [ConnectionError.notConnected(name), .alreadyConnected(name)] {
            let text = LogReports.text(ofInvalidPacket: error, of: nil, from: "203.0.113.7")
            let parts = text.split(separator: "\"", maxSplits: 1)
            #expect(parts.count == 2 && text.utf8.count < 400)
            #expect(!text.contains("\n"))
            let (before, after) = ("closed a connection from 203.0.113.7 after a ", ", which the client has not joined")
            #expect(text.hasPrefix(before))
            if case .notConnected = error {
                #expect(text.hasSuffix("\"" + after))
            } else {
                #expect(text.hasSuffix("\""))
            }
            // The report of the library is one, too.
            #expect("\(error)".utf8.count < 300 && !"\(error)".contains("\n"))
        }
        #expect(
            LogReports.text(ofInvalidPacket: ConnectionError.notConnected("/x"), of: nil, from: "").contains(
                " /x, which"))
    }

    @Test("before the first stored group, the counter line has a mean time of 0")
    func noGroups() {
        #expect(LogReports.counters(SocketServer.Status(), Hub.Counters()).contains(" store_ms_mean=0.000 "))
    }

    @Test("a failed start names the option that fixes it")
    func hints() throws {
        #expect(
            LogReports.hint(for: StoreError.lockedByAnotherWriter(path: "x", process: 1))
                == "; stop that process or choose another --db")
        #expect(
            LogReports.hint(for: StoreError.failed(code: 5, message: "m", path: "x"))
                == "; end it or choose another --db")
        #expect(LogReports.hint(for: StoreError.closed).contains("--db"))
        #expect(LogReports.hint(for: UsageError(description: "x")) == "")
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        defer { for socket in sockets { socket.close() } }
        do {
            _ = try ListeningSocket.bind(host: "127.0.0.1", port: sockets[0].address.port)
            Issue.record("a taken port was bound")
        } catch {
            #expect(LogReports.hint(for: error) == "; choose another --port or --host")
        }
        let address = try SocketAddress(unixPath: "/nowhere/socket")
        do throws(ListeningSocket.BindError) {
            _ = try ListeningSocket(binding: address, on: LinuxMachine.shared)
            Issue.record("a socket was made in a directory that does not exist")
        } catch {
            #expect(LogReports.hint(for: error) == "; choose another --listen")
            #expect(LogReports.hint(for: CommandSocket.BindError(cause: error)) == "; choose another --admin-socket")
        }
    }

    @Test(
        "a database that other users may open causes a warning",
        arguments: [
            (nil, nil), (0o600, nil), (0o400, nil), (0o640, "its group (mode 640)"), (0o660, "its group (mode 660)"),
            (0o644, "every user of this machine (mode 644)"), (0o606, "every user of this machine (mode 606)"),
        ] as [(Int?, String?)])
    func openDatabase(mode: Int?, text: String?) {
        let warning = LogReports.warning(ofMode: mode)
        #expect((warning == nil) == (text == nil))
        if let text { #expect(warning?.contains(text) == true) }
    }
}
