import Persistence
import TestSupport
import Testing
import Transport

@testable import chatd

@Suite("Serve options: defaults and values")
struct ServeOptionsTests {
    @Test("without arguments every option has its documented default")
    func defaults() throws {
        let options = try ServeOptions([], environment: [:])
        #expect(options.host == "localhost" && options.port == 3000 && options.database == .sqlite(path: "chat.db"))
        #expect(options.store.synchronous == .full && options.admin == nil)
        #expect(options.server.connectTimeout == .seconds(45) && options.server.answerTimeout == .seconds(60))
        #expect(options.server.maxInputMemory == 64 << 20 && options.server.maxAuth == 64 << 10)
        #expect(options.server.keepAlive == .seconds(75) && options.server.trustedProxies == .none)
        #expect(!options.server.keepsHandshakes)
        #expect(options.server.messageRate == RateLimit(perSecond: 100, burst: 300))
        #expect(options.server.byteRate == RateLimit(perSecond: 256 << 10, burst: 4 << 20))
        #expect(options.server.historyRate == RateLimit(perSecond: 512 << 10, burst: 8 << 20))
        #expect(!options.server.limitsLocalClients)
        #expect(options.server.maxConnections == nil && options.server.addressLimits.connections == 256)
        #expect(options.server.addressLimits.handshakes == RateLimit(perSecond: 20, burst: 500))
        let engine = options.server.engine
        #expect(engine.pingInterval == .seconds(25) && engine.pingTimeout == .seconds(20))
        #expect(engine.upgradeTimeout == .seconds(10) && engine.maxPayload == 1_000_000)
        #expect(engine.maxPending == 4 << 20 && engine.origins == .sameHost)
        #expect(engine.path == "/socket.io/" && options.server.hosts == .automatic)
        #expect(options.recovery?.maxDisconnectionDuration == .seconds(120))
    }

    @Test("--recovery 0 keeps no sessions")
    func recoveryOff() throws {
        #expect(try ServeOptions(["--recovery", "0"], environment: [:]).recovery == nil)
    }

    @Test("every option takes effect, from the command line and from the environment")
    func everything() throws {
        let directory = try TemporaryDirectory([
            "keys": String(repeating: "k", count: 32), "password": AdminUIAccountTests.hash,
        ])
        let values = [
            "auth": "token", "auth-keys": "\(directory.path)/keys", "auth-audience": "chat", "auth-cookie": "token",
            "auth-timeout": "26", "auth-concurrency": "28",
            "host": "::", "port": "0", "db": "/tmp/other.db", "synchronous": "normal", "ping-interval": "11",
            "ping-timeout": "12", "upgrade-timeout": "13", "connect-timeout": "14", "max-payload": "15",
            "max-pending": "600000", "cors-origin": "https://a.example", "allowed-hosts": "*", "path": "chat",
            "recovery": "16",
            "client-bundle": "/client", "web-root": "/root", "answer-timeout": "17",
            "max-input-memory": "2000000", "max-auth": "18", "keep-alive": "19", "drain-timeout": "20",
            "trusted-proxies": "10.0.0.0/8, loopback, unix", "listen": "unix:/run/chatd.sock,unix:@chatd",
            "backplane": "redis://:secret@redis.example.com", "backplane-patience": "21",
            "backplane-outage": "fail", "config": "", "message-rate": "5", "byte-rate": "none", "history-rate": "32/33",
            "max-connections": "22",
            "max-address-connections": "23", "max-address-rates": "31", "handshake-rate": "24/25",
            "log-level": "debug", "log-format": "json", "access-log": "on",
            "admin-port": "22", "admin-host": "::1", "admin-socket": "/run/chatd.admin", "bans": "/var/chat.bans",
            "retention": "30d", "max-db-size": "1048577", "max-namespaces": "26", "max-rooms": "1",
            "max-history-reads": "27", "admin-ui-password-file": "\(directory.path)/password",
            "admin-ui-writes": "on",
        ]
        #expect(Set(values.keys) == Set(ServeOptions.declarations.map(\.name)), "this test must cover every option")
        let variables = ServeOptions.declarations.map { ($0.environmentVariable, values[$0.name] ?? "") }
        let parsed = [
            try ServeOptions(values.map { "--\($0.key)=\($0.value)" }, environment: [:]),
            try ServeOptions([], environment: Dictionary(uniqueKeysWithValues: variables)),
        ]
        let proxies = try TrustedProxies("10.0.0.0/8,loopback,unix")
        let origins = [try WebOrigin("https://a.example")]
        for options in parsed {
            #expect(options.host == "::" && options.port == 0 && options.database == .sqlite(path: "/tmp/other.db"))
            #expect(options.unixSockets.map(\.unixPath) == ["/run/chatd.sock", "@chatd"])
            #expect(options.store.synchronous == .normal && options.store.maxSize == 1_048_577)
            #expect(options.store.retention == .age(.seconds(30 * 24 * 3600)))
            #expect(options.server.connectTimeout == .milliseconds(14))
            #expect(options.server.answerTimeout == .milliseconds(17))
            #expect(options.server.maxInputMemory == 2_000_000 && options.server.maxAuth == 18)
            #expect(options.server.keepAlive == .milliseconds(19))
            #expect(options.server.maxNamespaces == 26 && options.server.maxHistoryReads == 27)
            #expect(options.server.drainTimeout == .milliseconds(20))
            #expect(options.server.trustedProxies == proxies)
            #expect(options.adminUI?.account.name == "admin" && options.adminUI?.allowsWrites == true)
            #expect(options.adminUI?.origins == origins)
            #expect(options.admin?.host == "::1" && options.admin?.port == 22 && options.admin?.hosts() == .any)
            #expect(options.adminSocket?.isRequired == true && options.moderation?.bans?.path == "/var/chat.bans")
            let engine = options.server.engine
            #expect(engine.pingInterval == .milliseconds(11) && engine.pingTimeout == .milliseconds(12))
            #expect(engine.upgradeTimeout == .milliseconds(13) && engine.maxPayload == 15)
            #expect(engine.maxPending == 600_000 && engine.origins == .sameHostAnd(origins))
            #expect(engine.path == "/chat/" && options.server.hosts == .any)
            #expect(options.recovery?.maxDisconnectionDuration == .milliseconds(16))
            #expect(options.recovery?.detectionTime == .milliseconds(23))
            #expect(options.clientBundle == "/client" && options.webRoot == "/root")
            #expect(options.backplane != nil)
            #expect(options.authentication.readsHeaders && options.server.keepsHandshakes)
            #expect(options.server.messageRate == RateLimit(perSecond: 5, burst: 50))
            #expect(options.server.byteRate == nil && options.server.limitsLocalClients)
            #expect(options.server.historyRate == RateLimit(perSecond: 32, burst: 33))
            #expect(options.server.maxConnections == 22 && options.server.addressLimits.connections == 23)
            #expect(options.server.addressLimits.handshakes == RateLimit(perSecond: 24, burst: 25))
            #expect(options.server.addressLimits.rateFactor == 31)
            #expect(options.log == LogOptions(level: .debug, format: .json, hasAccessLog: true))
        }
    }

    @Test(
        "a cookie that any page could use is refused, with the reason", arguments: ["*", "https://a.example,*", "null"])
    func cookieOfAnyPage(origins: String) throws {
        let directory = try TemporaryDirectory(["keys": String(repeating: "k", count: 32)])
        let token = ["--auth=token", "--auth-keys=\(directory.path)/keys", "--cors-origin=\(origins)"]
        #expect(throws: Never.self) { try ServeOptions(token, environment: [:]) }
        let error = #expect(throws: UsageError.self) {
            try ServeOptions(token + ["--auth-cookie=session"], environment: [:])
        }
        #expect(error?.option == "cors-origin")
        #expect(error?.description.contains("connect with the user's cookie") == true)
        // The service of --auth gets the cookies too.
        let service = #expect(throws: UsageError.self) {
            try ServeOptions(["--auth=http://127.0.0.1/auth", "--cors-origin=\(origins)"], environment: [:])
        }
        #expect(service?.option == "cors-origin")
        let check = try CheckOptions(["serve"] + token + ["--auth-cookie=session"], environment: [:])
        #expect(check.mistakes == [error?.description].compactMap { $0 })
    }

    @Test(
        "--auth with a URL needs the headers, and allows no options of tokens",
        arguments: ["http://u:secret@site/auth", "unix:/s:/a"])
    func identityService(url: String) throws {
        let options = try ServeOptions(["--auth", url], environment: [:])
        guard case .endpoint = options.authentication else {
            Issue.record("\(options.authentication)")
            return
        }
        #expect(options.server.keepsHandshakes)
        for option in ["--auth-cookie=x", "--auth-audience=x", "--auth-keys=x"] {
            #expect(throws: UsageError.self) { try ServeOptions(["--auth", url, option], environment: [:]) }
        }
        let refused = #expect(throws: UsageError.self) {
            try ServeOptions(["--auth=https://u:secret@site"], environment: [:])
        }
        #expect(refused?.description.contains("no TLS") == true && refused?.description.contains("secret") == false)
    }

    @Test(
        "an invalid value is refused",
        arguments: [
            "--port=65536", "--port=-1", "--ping-interval=9", "--ping-interval=86400001", "--ping-timeout=0",
            "--upgrade-timeout=1", "--connect-timeout=9", "--max-payload=0", "--max-payload=1073741825",
            "--max-pending=524287", "--max-input-memory=1048575", "--max-auth=-1", "--message-rate=0",
            "--message-rate=1/0", "--message-rate=1/2/3", "--message-rate=", "--byte-rate=-1",
            "--byte-rate=1000000001", "--byte-rate=5/x", "--max-connections=0", "--max-address-connections=-1",
            "--auth=yes", "--auth=https://site", "--auth=http://", "--auth=unix:x", "--auth-timeout=9",
            "--auth-concurrency=0", "--auth=token",
            "--auth-audience=x", "--auth-cookie=x", "--max-address-connections=all",
            "--synchronous=off", "--host=", "--backplane=postgres",
            "--backplane=postgres://x?attachments=-", "--backplane=postgres://x?prefix=",
            "--backplane=postgres://x?sslmode=require", "--backplane=rediss://x", "--backplane=redis://x/name",
            "--db=", "--db=:memory", "--db=:", "--path=/a/%2e%2E/b", "--path=.%2e", "--path=%2e", "--path=",
            "--path=/", "--path=a?b", "--path=a b", "--path=../a", "--path=a//b", "--path=ä", "--path=%7b{",
            "--cors-origin=a.com", "--cors-origin=,", "--cors-origin= ", "--cors-origin=http://a.com,b.com",
            "--cors-origin=*,b.com", "--cors-origin=http://a.com/x", "--allowed-hosts=,",
            "--allowed-hosts=http://a.com", "--allowed-hosts=a.com,.b.com", "--keep-alive=9", "--trusted-proxies=,",
            "--trusted-proxies=proxy.example", "--trusted-proxies=10.0.0.0/33", "--trusted-proxies=10.0.0.1/8",
            "--listen=/run/chatd.sock", "--listen=unix:chatd.sock", "--listen=unix:", "--listen=,",
            "--listen=unix:/a,unix:/a", "--listen=http://localhost:3000",
            "--listen=" + (0...16).map { "unix:/\($0)" }.joined(separator: ","),
            "--log-level=all", "--log-format=xml", "--access-log=yes",
            "--listen=unix:/" + String(repeating: "x", count: 107),
        ])
    func refused(argument: String) {
        #expect(throws: UsageError.self) { try ServeOptions([argument], environment: [:]) }
    }

    @Test(
        "events may go through PostgreSQL, also through the database of the messages",
        arguments: [
            ["--backplane=postgres://alice@db/chat?prefix=a"],
            ["--db=postgres://alice@db/chat", "--backplane=postgres"],
        ])
    func postgresBackplane(arguments: [String]) throws {
        #expect(try ServeOptions(arguments, environment: [:]).backplane != nil)
    }

    @Test(
        "with --listen there is a port only if the host or the port is given",
        arguments: [
            ([], [:], nil), (["--host", "::"], [:], "::"), (["--port", "1"], [:], "localhost"),
            ([], ["PORT": "1"], "localhost"), ([], ["CHATD_HOST": "::"], "::"), (["--db", "x"], [:], nil),
        ] as [([String], [String: String], String?)])
    func listen(arguments: [String], environment: [String: String], host: String?) throws {
        let options = try ServeOptions(arguments + ["--listen", "unix:/a"], environment: environment)
        #expect(options.host == host && options.unixSockets.map(\.url) == ["unix:/a"])
    }

    @Test("the path of the last worker's socket must fit too")
    func lastWorker() {
        let path = "unix:/" + String(repeating: "x", count: 105)
        #expect(throws: UsageError.self) {
            try SuperviseOptions(["--workers", "2", "--listen", path], environment: [:])
        }
        #expect(throws: Never.self) { try SuperviseOptions(["--workers", "1", "--listen", path], environment: [:]) }
    }

    @Test(
        "the health check asks the server that serve would be, or that of the URL",
        arguments: [
            ([], [:], "http://localhost:3000"), ([], ["PORT": "80"], "http://localhost:80"),
            ([], ["CHATD_HOST": "0.0.0.0"], "http://localhost:3000"),
            ([], ["CHATD_HOST": "10.0.0.1"], "http://10.0.0.1:3000"),
            ([], ["CHATD_LISTEN": "unix:/a,unix:/b"], "unix:/a"),
            ([], ["CHATD_LISTEN": "unix:/a", "PORT": "80"], "http://localhost:80"),
            (["--url", "http://x:1/y"], ["PORT": "80"], "http://x:1/y"),
        ] as [([String], [String: String], String)])
    func health(arguments: [String], environment: [String: String], target: String) throws {
        let options = try HealthOptions(arguments, environment: environment)
        #expect(options.target.description == target && options.timeout == .seconds(3))
    }

    @Test(
        "an invalid health check is refused",
        arguments: [
            (["--url", "x"], [:]), (["--timeout", "0"], [:]), ([], ["PORT": "0"]),
        ] as [([String], [String: String])])
    func invalidHealth(arguments: [String], environment: [String: String]) {
        #expect(throws: UsageError.self) { try HealthOptions(arguments, environment: environment) }
    }

    @Test(
        "the value of --cors-origin is a list of origins, and a star allows all",
        arguments: [
            ("", .sameHost), ("*", .any), ("https://a.example,*", .any),
            ("https://a.example", "https://a.example"), ("https://a.example/,", "https://a.example"),
            ("HTTPS://A.example:443, https://b.example", "https://a.example https://b.example"),
            ("http://a.com:80,http://a.com", "http://a.com"), ("null,file://", "null file://"),
        ] as [(String, ExpectedOrigins)])
    func origins(list: String, expected: ExpectedOrigins) throws {
        let policy = try ServeOptions(["--cors-origin", list], environment: [:]).server.engine.origins
        #expect(policy == expected.policy)
    }

    /// A policy, or a literal with its origins separated by spaces.
    struct ExpectedOrigins: ExpressibleByStringLiteral, Sendable {
        let policy: OriginPolicy

        static let sameHost = ExpectedOrigins(policy: .sameHost)
        static let any = ExpectedOrigins(policy: .any)

        init(policy: OriginPolicy) {
            self.policy = policy
        }

        init(stringLiteral text: String) {
            policy = .sameHostAnd(text.split(separator: " ").compactMap { WebOrigin(header: String($0)) })
        }
    }

    @Test(
        "the value of --allowed-hosts is a list of names",
        arguments: [
            ("", []), ("chat.example", ["chat.example"]),
            ("Chat.example:3000, *.b.example,", ["chat.example", "*.b.example"]),
        ])
    func hosts(list: String, names: [String]) throws {
        let policy = try ServeOptions(["--allowed-hosts", list], environment: [:]).server.hosts
        #expect(policy == (names.isEmpty ? .automatic : .names(names.compactMap { HostPattern($0) })))
    }

    @Test("slashes at the ends of a path are optional", arguments: ["chat/ws", "/chat/ws", "chat/ws/", "/chat/ws/"])
    func path(written: String) throws {
        #expect(try ServeOptions(["--path", written], environment: [:]).server.engine.path == "/chat/ws/")
    }

    @Test("an error names the source of the value")
    func source() {
        #expect {
            try ServeOptions([], environment: ["CHATD_CORS_ORIGIN": "a.com"])
        } throws: { "\($0)".hasPrefix("CHATD_CORS_ORIGIN: \"a.com\"") }
    }

    @Test("the default of each option is a valid value")
    func defaultsAreTaken() throws {
        let arguments = ServeOptions.declarations.map { "--\($0.name)=\($0.defaultValue)" }
        #expect(try ServeOptions(arguments, environment: [:]).port == 3000)
    }

    @Test("the help explains every option with its default and its variable")
    func help() {
        for option in ServeOptions.declarations {
            let placeholder = option.isFlag ? "" : " \(option.value)"
            #expect(CommandDescription.serve.help.contains("--\(option.name)\(placeholder)\n"))
            let value = option.defaultValue.isEmpty ? "empty" : option.defaultValue
            #expect(
                CommandDescription.serve.help.contains(
                    "default \(value), environment \(option.environmentVariable)\n"))
        }
        #expect(CommandDescription.serve.help.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }
}
