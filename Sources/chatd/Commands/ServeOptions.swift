import Actors
import Cluster
import Persistence
import Transport

/// What `chatd serve` is told.
struct ServeOptions {
    let host: String
    let port: UInt16
    let database: String
    let server: ServerOptions
    let store: SQLiteStore.Options
    /// Nil when lost sessions are not kept.
    let recovery: RecoveryOptions?
    /// The directory of the official client's files; nil: the built-in client is served.
    let clientBundle: String?
    /// The directory served in place of the built-in page.
    let webRoot: String?
    /// What was given, for the log.
    let settings: [OptionValues.Setting]

    static let declarations = [
        CommandOption(
            name: "host", value: "HOST", standard: "localhost",
            help: "Where to listen: a name or an address. localhost means 127.0.0.1 and ::1, :: means everywhere; "
                + "an IPv6 address may be in brackets."),
        CommandOption(
            name: "port", value: "PORT", standard: "3000",
            help: "The port to listen on; 0 takes a free one. The variable PORT is asked last.", alias: "PORT"),
        CommandOption(
            name: "db", value: "FILE", standard: "chat.db",
            help: "The SQLite database of the messages; it is made if it is missing. :memory: keeps nothing."),
        CommandOption(
            name: "synchronous", value: "full|normal", standard: "full",
            help: "full: an acknowledged message survives a power cut. normal: it survives a crash of chatd."),
        CommandOption(
            name: "recovery", value: "MS", standard: "120000",
            help:
                "Milliseconds that a lost client has to come back to its session: its id, its rooms and every event it missed. "
                + "0 keeps no sessions."),
        CommandOption(
            name: "ping-interval", value: "MS", standard: "25000",
            help: "Milliseconds between a client's pong and its next ping."),
        CommandOption(
            name: "ping-timeout", value: "MS", standard: "20000",
            help: "Milliseconds that a client has to answer a ping."),
        CommandOption(
            name: "upgrade-timeout", value: "MS", standard: "10000",
            help: "Milliseconds that a client has to move from polling to a WebSocket."),
        CommandOption(
            name: "connect-timeout", value: "MS", standard: "45000",
            help: "Milliseconds that a connected client has to join a namespace."),
        CommandOption(
            name: "answer-timeout", value: "MS", standard: "60000",
            help: "Milliseconds that a client has for each 16 KiB of an answer, such as a file."),
        CommandOption(
            name: "max-payload", value: "BYTES", standard: "1000000",
            help: "The largest message or request body a client may send, in bytes."),
        CommandOption(
            name: "max-input-memory", value: "BYTES", standard: "67108864",
            help:
                "The most bytes that unfinished requests and messages of all clients may take in a process; above it the client "
                + "that holds most is reset. Never less than 11 times --max-payload."),
        CommandOption(
            name: "max-auth", value: "BYTES", standard: "65536",
            help: "The largest auth of a client that joins, in bytes; one with more is refused."),
        CommandOption(
            name: "max-pending", value: "BYTES", standard: "4194304",
            help:
                "The most bytes that may wait for one client beyond what the kernel has taken; above it the client is "
                + "disconnected."),
        CommandOption(
            name: "cors-origin", value: "LIST", standard: "",
            help:
                "Pages of other origins that may connect, with commas between them, such as https://chat.example or "
                + "capacitor://localhost; * means all. A page of the host that it connects to may always; any other is refused "
                + "with 403, and so is a page of the same host when a proxy in front changes the Host header. null must be "
                + "listed too, but any sandboxed page can send it. Empty: no CORS headers."),
        CommandOption(
            name: "allowed-hosts", value: "LIST", standard: "",
            help:
                "Names of this server that requests may have in their Host header, with commas between them; *.chat.example "
                + "means all names below it, * every name. localhost, *.localhost and addresses are always allowed; other "
                + "hosts get 403. Empty: every name, or none of these while all addresses that are listened on are "
                + "loopback, so that no foreign page can reach the server under its own name."),
        CommandOption(
            name: "path", value: "PATH", standard: "/socket.io/",
            help: "The path that clients connect to, with or without slashes at its ends."),
        CommandOption(
            name: "client-bundle", value: "DIR", standard: "",
            help:
                "A directory with socket.io.js, socket.io.min.js … of the official client, which are read at the start "
                + "and served below /socket.io/. Empty: the built-in client."),
        CommandOption(
            name: "web-root", value: "DIR", standard: "",
            help:
                "A directory that is served at /, with index.html for directories; no file whose name "
                + "begins with a dot, and links to such only. Empty: the built-in page."),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        try self.init(OptionValues(arguments, of: Self.declarations, environment: environment))
    }

    init(_ values: OptionValues) throws(UsageError) {
        settings = values.settings
        host = try values.nonEmptyText("host")
        port = UInt16(try values.integer("port", in: 0...65535))
        database = try values.database("db")
        let engine = EngineOptions(
            path: try values.path("path"),
            pingInterval: try values.milliseconds("ping-interval", in: 10...86_400_000),
            pingTimeout: try values.milliseconds("ping-timeout", in: 10...86_400_000),
            upgradeTimeout: try values.milliseconds("upgrade-timeout", in: 10...86_400_000),
            maxPayload: try values.integer("max-payload", in: 1...(1 << 30)),
            maxPending: try values.integer("max-pending", in: (512 << 10)...(1 << 30)),
            origins: try values.origins("cors-origin"))
        let lostTime = try values.milliseconds("recovery", in: 0...86_400_000)
        recovery =
            lostTime == .zero
            ? nil
            : RecoveryOptions(
                maxDisconnectionDuration: lostTime, detectionTime: engine.pingInterval + engine.pingTimeout)
        server = ServerOptions(
            engine: engine, hosts: try values.hosts("allowed-hosts"),
            connectTimeout: try values.milliseconds("connect-timeout", in: 10...86_400_000),
            answerTimeout: try values.milliseconds("answer-timeout", in: 10...86_400_000),
            maxInputMemory: try values.integer("max-input-memory", in: (1 << 20)...(1 << 40)),
            maxAuth: try values.integer("max-auth", in: 0...(1 << 30)), keepsHandshakes: false)
        var store = SQLiteStore.Options()
        store.synchronous = try values.word("synchronous", of: ["full", "normal"]) == "full" ? .full : .normal
        self.store = store
        clientBundle = values.optionalText("client-bundle")
        webRoot = values.optionalText("web-root")
    }
}
