import Actors
import ChatApplication
import Cluster
import Persistence
import Transport

/// The options of `chatd serve`.
struct ServeOptions {
    /// Nil to listen on no port.
    let host: String?
    let port: UInt16
    /// The Unix domain sockets to listen on.
    let unixSockets: [SocketAddress]
    let database: DatabaseChoice
    /// Nil for no port for the operator.
    let admin: AdminAddress?
    /// Where the server takes its operator's commands; nil for nowhere.
    let adminSocket: AdminSocketPlace?
    /// The operator's power over the clients; nil without ``adminSocket``, a file of bans and a backplane.
    let moderation: Moderation?
    /// Nil for a server on one host.
    let backplane: BackplaneService?
    let server: ServerOptions
    /// Who may enter.
    let authentication: ChatAuthentication
    /// The file with the keys of tokens; nil if there is none.
    let tokenKeys: TokenKeysFile?
    /// The official dashboard; nil for none.
    let adminUI: AdminUIOptions?
    let store: SQLiteStore.Options
    /// Nil if disconnected sessions are not kept.
    let recovery: RecoveryOptions?
    /// The directory of the official client's files; nil: the built-in client is served.
    let clientBundle: String?
    /// The directory served in place of the built-in page.
    let webRoot: String?
    /// The options with explicit values, for the log.
    let settings: [OptionValues.Setting]
    /// The options that limit what clients may use, for the log.
    let limits: [OptionValues.Setting]
    let log: LogOptions
    /// Warnings about the configuration file, the files that it names, and values without effect.
    let warnings: [String]

    /// The rates of clients that do not come from this machine.
    private static let messageRate = RateLimit(perSecond: 100, burst: 300)
    private static let byteRate = RateLimit(perSecond: 256 << 10, burst: 4 << 20)
    private static let historyRate = RateLimit(perSecond: 512 << 10, burst: 8 << 20)

    private static let clientRates = ["message-rate", "byte-rate", "history-rate"]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        try self.init(
            OptionValues(
                arguments, of: Self.declarations, environment: environment, readFile: ConfigurationFile.init(path:)))
    }

    init(_ values: OptionValues) throws(UsageError) {
        settings = values.settings
        limits = values.all.filter { $0.option.name.hasPrefix("max-") || $0.option.name.hasSuffix("-rate") }
        log = try values.log()
        unixSockets = try values.unixSockets("listen")
        let listensOnPort = unixSockets.isEmpty || values.isExplicit("host") || values.isExplicit("port")
        let host = try values.nonEmptyText("host")
        self.host = listensOnPort ? host : nil
        port = UInt16(try values.integer("port", in: 0...65535))
        let hosts = try values.hosts("allowed-hosts")
        admin = try Self.admin(values, hosts)
        database = try values.database("db")
        adminSocket = try values.adminSocket("admin-socket", database: database)
        let proxies = try values.trustedProxies("trusted-proxies")
        let bans = values.banFile("bans", database: database)
        // The operators of other hosts reach the clients of this one through a backplane.
        let isModerated = adminSocket != nil || bans != nil || values.optionalText("backplane") != nil
        moderation = isModerated ? Moderation(bans: bans, proxies: proxies, host: values.passedHost) : nil
        let hasPatience = values.optionalText("backplane-patience") != nil
        backplane = try values.backplane(
            "backplane",
            patience: hasPatience ? try values.milliseconds("backplane-patience", in: 0...600_000) : nil,
            outage: try values.outage("backplane-outage"), database: database)
        var engine = EngineOptions(
            path: try values.path("path"),
            pingInterval: try values.milliseconds("ping-interval", in: 10...86_400_000),
            pingTimeout: try values.milliseconds("ping-timeout", in: 10...86_400_000),
            upgradeTimeout: try values.milliseconds("upgrade-timeout", in: 10...86_400_000),
            maxPayload: try values.integer("max-payload", in: 1...(1 << 30)),
            maxPending: try values.integer("max-pending", in: (512 << 10)...(1 << 30)),
            origins: try values.origins("cors-origin"))
        moderation?.install(on: &engine)
        recovery = try Self.recovery(values, detectionTime: engine.pingInterval + engine.pingTimeout)
        (tokenKeys, adminUI) = (try values.tokenKeys(), try values.adminUI(origins: engine.origins))
        warnings = Self.warnings(values, tokenKeys, adminUI)
        authentication = try values.authentication(tokenKeys, origins: engine.origins)
        var server = ServerOptions(
            engine: engine, drainTimeout: try values.milliseconds("drain-timeout", in: 0...600_000),
            hosts: hosts, trustedProxies: proxies,
            maxConnections: try values.count("max-connections"),
            addressLimits: AddressLimits(
                connections: try values.count("max-address-connections"),
                handshakes: try values.rate("handshake-rate"), rateFactor: try values.count("max-address-rates")),
            connectTimeout: try values.milliseconds("connect-timeout", in: 10...86_400_000),
            answerTimeout: try values.milliseconds("answer-timeout", in: 10...86_400_000),
            keepAlive: try values.milliseconds("keep-alive", in: 10...86_400_000),
            maxInputMemory: try values.integer("max-input-memory", in: (1 << 20)...(1 << 40)),
            messageRate: try values.rate("message-rate", auto: Self.messageRate),
            byteRate: try values.rate("byte-rate", auto: Self.byteRate),
            historyRate: try values.rate("history-rate", auto: Self.historyRate),
            limitsLocalClients: Self.clientRates.contains { !["auto", "none"].contains(values.text($0)) },
            maxAuth: try values.integer("max-auth", in: 0...(1 << 30)),
            keepsHandshakes: authentication.readsHeaders || adminUI != nil,
            maxNamespaces: try values.integer("max-namespaces", in: 1...1_000_000),
            maxHistoryReads: try values.integer("max-history-reads", in: 1...1024))
        server.dropsAuth = true
        if log.hasAccessLog { server.accessLog = AccessLog.log }
        self.server = server
        var store = SQLiteStore.Options()
        store.synchronous = try values.word("synchronous", of: ["full", "normal"]) == "full" ? .full : .normal
        store.retention = try values.retention("retention")
        store.maxSize = try values.optionalText("max-db-size").map { _ throws(UsageError) in
            Int64(try values.integer("max-db-size", in: (1 << 20)...(1 << 46)))
        }
        if case .postgres = database, let name = ["retention", "max-db-size"].first(where: values.isExplicit) {
            throw values.error(name, "this is for SQLite files", others: ["db"])
        }
        self.store = store
        (clientBundle, webRoot) = (values.optionalText("client-bundle"), values.optionalText("web-root"))
    }

    private static func admin(_ values: OptionValues, _ hosts: HostPolicy) throws(UsageError) -> AdminAddress? {
        let host = try values.nonEmptyText("admin-host")
        guard values.optionalText("admin-port") != nil else { return nil }
        return AdminAddress(host: host, port: UInt16(try values.integer("admin-port", in: 0...65535))) { hosts }
    }

    private static func warnings(
        _ values: OptionValues, _ tokenKeys: TokenKeysFile?, _ adminUI: AdminUIOptions?
    ) -> [String] {
        (values.file?.warnings(values.settings) ?? []) + [tokenKeys?.warning].compactMap { $0 }
            + (adminUI?.account.warnings ?? []) + values.unused
    }

    private static func recovery(
        _ values: OptionValues, detectionTime: Duration
    ) throws(UsageError) -> RecoveryOptions? {
        let lostTime = try values.milliseconds("recovery", in: 0...86_400_000)
        guard lostTime > .zero else { return nil }
        return RecoveryOptions(maxDisconnectionDuration: lostTime, detectionTime: detectionTime)
    }
}
