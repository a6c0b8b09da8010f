/// The options of `chatd serve` on the command line.
extension ServeOptions {
    static let declarations = [
        ConfigurationFile.option,
        CommandOption(
            name: "host", value: "HOST", defaultValue: "localhost",
            help: "The name or address to listen on. localhost means 127.0.0.1 and ::1; :: means every interface; "
                + "an IPv6 address may be in brackets.",
            needsRestart: true),
        CommandOption(
            name: "port", value: "PORT", defaultValue: "3000",
            help: "The port to listen on; 0 picks a free one. The variable PORT counts only without "
                + "any other setting.",
            alias: "PORT", needsRestart: true),
        CommandOption(
            name: "listen", value: "LIST", defaultValue: "",
            help:
                "Unix domain sockets to listen on, separated by commas: unix:PATH, or unix:@NAME in the abstract "
                + "namespace. The server then listens on no port, unless --host or --port is given too. The files have "
                + "mode 0660, and are removed when the server stops. The file of a server that has ended is replaced. "
                + "supervise with distinct ports: the second worker has the socket PATH.1, and so on.",
            needsRestart: true),
        CommandOption(
            name: "admin-port", value: "PORT", defaultValue: "",
            help:
                "A port for the operator alone, with /metrics in the text format of Prometheus, /healthz and /readyz; "
                + "0 picks a free one, which is logged. /healthz and /readyz are answered on --port too. Empty: no "
                + "such port.",
            needsRestart: true),
        CommandOption(
            name: "admin-host", value: "HOST", defaultValue: "localhost",
            help: "The name or address that --admin-port listens on. --allowed-hosts applies to it too.",
            needsRestart: true),
        CommandOption(
            name: "admin-socket", value: "PATH|none", defaultValue: "",
            help:
                "The Unix domain socket for chatd admin, which only this user and root can use. Empty: FILE.admin "
                + "beside the SQLite database of --db, and no socket with other databases. none: no socket; bans stay "
                + "in force.",
            needsRestart: true),
        CommandOption(
            name: "bans", value: "FILE", defaultValue: "",
            help:
                "The file of the bans, created by the first ban. Empty: FILE.bans beside the SQLite database of --db. "
                + "With other databases, a server without this option keeps no bans.",
            needsRestart: true),
        CommandOption(
            name: "db", value: "FILE|URL", defaultValue: "chat.db",
            help: "The SQLite database of the messages, created if it is missing. :memory: keeps nothing after the "
                + "process ends. postgres://USER@HOST/DATABASE is a PostgreSQL database, which several hosts may "
                + "share.",
            needsRestart: true),
        CommandOption(
            name: "backplane", value: "URL|postgres", defaultValue: "",
            help:
                "The service through which the events of several hosts reach all clients: "
                + "redis://[USER:PASSWORD@]HOST[:PORT], redis-sharded://… for Node servers with the sharded adapter, "
                + "redis-streams://… which loses no event while a server restarts, "
                + "postgres://USER@HOST/DATABASE, or postgres for the database of --db. Empty: events stay on this "
                + "host.",
            needsRestart: true),
        CommandOption(
            name: "backplane-patience", value: "MS", defaultValue: "",
            help:
                "Milliseconds in which events wait for --backplane during an outage, before each host continues "
                + "alone: 2000 if empty, and 30000 with redis-streams://.",
            needsRestart: true),
        CommandOption(
            name: "backplane-outage", value: "local|fail", defaultValue: "local",
            help: "What happens then to events for clients of all hosts. local: they reach the clients of their host. "
                + "fail: they reach nobody, except volatile ones, and are counted.",
            needsRestart: true),
        CommandOption(
            name: "synchronous", value: "full|normal", defaultValue: "full",
            help: "full: an acknowledged message survives a power cut. normal: it survives a crash of chatd, but "
                + "perhaps not a power cut.",
            needsRestart: true),
        CommandOption(
            name: "retention", value: "DAYSd|N", defaultValue: "",
            help: "The messages to keep in an SQLite database: 30d keeps those of the last 30 days, 1000000 the newest "
                + "million. Older ones are deleted in small steps, but none that is younger than 24 hours. A repeat of "
                + "a deleted message is acknowledged and not stored again for 30 days. Empty: all are kept.",
            needsRestart: true),
        CommandOption(
            name: "max-db-size", value: "BYTES", defaultValue: "",
            help: "The size that an SQLite database may reach, without its write-ahead log, in bytes. New messages are "
                + "then refused and not acknowledged; nothing is deleted without --retention. Empty: no limit.",
            needsRestart: true),
        CommandOption(
            name: "recovery", value: "MS", defaultValue: "120000",
            help:
                "Milliseconds in which a disconnected client can resume its session: its id, its rooms and every "
                + "event it missed. 0 keeps no sessions.",
            needsRestart: true),
        CommandOption(
            name: "drain-timeout", value: "MS", defaultValue: "10000",
            help:
                "Milliseconds for a stop by SIGTERM, and for the replacement of a worker. Clients are sent away evenly "
                + "during the first half, so that they do not all reconnect at once. It ends earlier if no client is "
                + "left, and up to 4500 ms later if clients do not close their connections. 0 closes all connections "
                + "at once, as SIGINT does.",
            needsRestart: true),
        CommandOption(
            name: "log-level", value: "error|warning|info|debug", defaultValue: "info",
            help: "The least important lines that are logged. debug: also each refused request and client."),
        CommandOption(
            name: "log-format", value: "text|json", defaultValue: "text",
            help: "json: one JSON object a line, with the time, the level, the process, the kind and the message."),
        CommandOption(
            name: "access-log", value: "off|on", defaultValue: "off",
            help:
                "on: logs each request, and the begin and the end of each WebSocket: the client's address, the method, "
                + "the path without its query, the status, the bytes sent, the duration and the id of the client's "
                + "socket."),
        CommandOption(
            name: "ping-interval", value: "MS", defaultValue: "25000",
            help: "Milliseconds between a client's pong and the next ping to it.",
            needsRestart: true),
        CommandOption(
            name: "ping-timeout", value: "MS", defaultValue: "20000",
            help: "Milliseconds in which a client must answer a ping.",
            needsRestart: true),
        CommandOption(
            name: "upgrade-timeout", value: "MS", defaultValue: "10000",
            help: "Milliseconds in which a client must complete its upgrade from polling to a WebSocket."),
        CommandOption(
            name: "connect-timeout", value: "MS", defaultValue: "45000",
            help: "Milliseconds in which a connected client must join a namespace."),
        CommandOption(
            name: "answer-timeout", value: "MS", defaultValue: "60000",
            help: "Milliseconds in which a client must receive each 16 KiB of an answer, such as a file."),
        CommandOption(
            name: "keep-alive", value: "MS", defaultValue: "75000",
            help:
                "Milliseconds for which a connection may be idle between requests. It must be longer than a proxy or "
                + "load balancer keeps its idle connections."),
        CommandOption(
            name: "max-payload", value: "BYTES", defaultValue: "1000000",
            help: "The largest message or request body a client may send, in bytes."),
        CommandOption(
            name: "max-input-memory", value: "BYTES", defaultValue: "67108864",
            help:
                "The memory of one process for unfinished requests and messages of all clients, in bytes; above it "
                + "the client that holds the most is reset. The limit is never less than 11 times --max-payload."),
        CommandOption(
            name: "max-connections", value: "N|none", defaultValue: "none",
            help:
                "The most open connections of the server; further ones get 503. none: as many as the system allows "
                + "each process (ulimit -n). The workers of supervise share this and the following limits, but learn "
                + "a moment late what the others' clients use, and keep what they have admitted."),
        CommandOption(
            name: "max-address-connections", value: "N|none", defaultValue: "256",
            help:
                "The most open connections, and the most sessions, that one address may have; further ones "
                + "get 429. An IPv6 network of 64 bits counts as one address. Loopback addresses, Unix domain "
                + "sockets and --trusted-proxies have no limit; the clients that the proxies name have."),
        CommandOption(
            name: "max-address-rates", value: "N|none", defaultValue: "4",
            help:
                "The messages and bytes of all clients of one address together, in multiples of --message-rate, "
                + "--byte-rate and --history-rate, for the same addresses as --max-address-connections. Clients with "
                + "an identity (--auth) do not count: all connections of one user share the rates of one client."),
        CommandOption(
            name: "handshake-rate", value: "N[/BURST]|none", defaultValue: "20/500",
            help:
                "The sessions that one address may open in a second, and at once after a pause, in the same way as "
                + "--message-rate and for the same addresses as --max-address-connections. Further ones get 429."),
        CommandOption(
            name: "message-rate", value: "N[/BURST]|auto|none", defaultValue: "auto",
            help:
                "The messages that a client may send in a second, and at once after a pause (10 times as many if only "
                + "N is given). The server does not read from a client above its rate until the next message is "
                + "allowed. No message is lost while the connection lasts, but one may come after its timeout. With "
                + "--auth, all connections of one user share the rate. auto: 100/300, but no limit for clients on "
                + "this machine that connect without a proxy."),
        CommandOption(
            name: "byte-rate", value: "N[/BURST]|auto|none", defaultValue: "auto",
            help:
                "The bytes that a client may send in a second, and at once after a pause, in the same way. auto: "
                + "262144/4194304, for the same clients. If this rate, --message-rate or --history-rate is a number, "
                + "all three apply to clients on this machine too."),
        CommandOption(
            name: "history-rate", value: "N[/BURST]|auto|none", defaultValue: "auto",
            help:
                "The bytes of stored messages that a client may get in a second, and at once after a pause: those "
                + "that it catches up on, and pages of chat history. It gets the others later. What others send "
                + "once it has caught up does not wait, and the first pages of connections have a second rate as "
                + "high. The clients of one address that have no identity share --max-address-rates times the rate, "
                + "and one alone may use all of it. auto: 524288/8388608, for the same clients."),
        CommandOption(
            name: "max-auth", value: "BYTES", defaultValue: "65536",
            help: "The largest auth of a connecting client, in bytes; a client with a larger one is refused."),
        CommandOption(
            name: "max-namespaces", value: "N", defaultValue: "10000",
            help: "The most namespaces that one connection may join besides /. A client that asks for more is "
                + "disconnected."),
        CommandOption(
            name: "max-rooms", value: "N", defaultValue: "100",
            help: "The most rooms that a token, or the answer of --auth URL, may name. A client with more does not "
                + "enter."),
        CommandOption(
            name: "max-history-reads", value: "N", defaultValue: "4",
            help:
                "The pages of stored messages that one process reads at once for clients that catch up, and as many "
                + "for clients that ask for older ones. Further requests wait for their turn."),
        CommandOption(
            name: "max-pending", value: "BYTES", defaultValue: "4194304",
            help:
                "The output that may wait for one client after the kernel has accepted what it can, in bytes; "
                + "above it the client is disconnected."),
        CommandOption(
            name: "auth", value: "none|token|URL", defaultValue: "none",
            help:
                "Who may enter. none: everybody. token: clients with a JSON Web Token in auth.token or in "
                + "--auth-cookie, signed by HS256 with one of --auth-keys. sub is the client's id, name the name to "
                + "show; exp, nbf and aud are checked. http://[USER:PASSWORD@]HOST[:PORT][/PATH] or "
                + "unix:PATH[:/PATH]: clients that this service of yours accepts by their token, cookies or "
                + "other headers. There is no TLS: it should be on this machine or behind a proxy on it."),
        CommandOption(
            name: "auth-timeout", value: "MS", defaultValue: "5000",
            help:
                "How long the service of --auth may take for one client, in milliseconds, including the time for which "
                + "its request waits. Without a usable answer the client is disconnected, and tries again by itself."),
        CommandOption(
            name: "auth-concurrency", value: "N", defaultValue: "32",
            help:
                "The most requests to the service of --auth at a time, of each worker. Up to 8192 others wait for "
                + "their turn."),
        CommandOption(
            name: "auth-keys", value: "FILE", defaultValue: "",
            help:
                "The keys of --auth token, one in a line: SECRET, or NAME = SECRET for tokens whose kid is NAME. A "
                + "secret is a text, or base64: and the base64 of bytes, and has at least 32 bytes. # begins a "
                + "comment."),
        CommandOption(
            name: "auth-audience", value: "TEXT", defaultValue: "",
            help: "What a token's aud must name. Empty: tokens with aud are refused."),
        CommandOption(
            name: "auth-cookie", value: "NAME", defaultValue: "",
            help:
                "The cookie that has the token, if auth.token is missing. --cors-origin must then list origins, "
                + "without * and null. Empty: none."),
        CommandOption(
            name: "admin-ui-password-file", value: "FILE", defaultValue: "",
            help:
                "The password of the official dashboard (Socket.IO Admin UI), which then may connect to the namespace "
                + "/admin: one line, as chatd admin hash-password prints it, for the name admin, or NAME: and that "
                + "line. --cors-origin must list the dashboard's origin, without * and null. Empty: there is no such "
                + "namespace."),
        CommandOption(
            name: "admin-ui-writes", value: "", defaultValue: "off",
            help:
                "Lets the dashboard send events, change rooms and disconnect clients. Otherwise it can only look. In "
                + "the environment and in a file: on or off.",
            isFlag: true),
        CommandOption(
            name: "cors-origin", value: "LIST", defaultValue: "",
            help:
                "Other origins whose pages may connect, separated by commas, such as https://chat.example or "
                + "capacitor://localhost; * means all. Pages of the host that they connect to are always allowed. "
                + "All others are refused with 403, and so are pages of the same host if a proxy changes the Host "
                + "header. null can be listed too, but any sandboxed page can send it. Empty: no CORS headers."),
        CommandOption(
            name: "allowed-hosts", value: "LIST", defaultValue: "",
            help:
                "Names that requests may have in their Host header, separated by commas; *.chat.example means all "
                + "its subdomains, * means every name. localhost, *.localhost and addresses are always allowed; "
                + "other hosts get 403. Empty: every name is allowed, except on a server that listens only on "
                + "loopback addresses, because a foreign page could otherwise reach it through the page's own "
                + "domain."),
        CommandOption(
            name: "trusted-proxies", value: "LIST", defaultValue: "",
            help:
                "Proxies that may name their clients, separated by commas: addresses, networks such as 10.0.0.0/8, "
                + "loopback for 127.0.0.0/8 and ::1, or unix for Unix domain sockets. They do so with X-Forwarded-For, "
                + "X-Forwarded-Proto and X-Forwarded-Host, or with a header of the PROXY protocol. Empty: all of these "
                + "are ignored, and clients have the proxy's address."),
        CommandOption(
            name: "path", value: "PATH", defaultValue: "/socket.io/",
            help: "The path that clients connect to, with or without slashes at its ends."),
        CommandOption(
            name: "client-bundle", value: "DIR", defaultValue: "",
            help:
                "A directory with the official client's files (socket.io.js, socket.io.min.js …), which are read "
                + "at startup and served below --path. Empty: the built-in client."),
        CommandOption(
            name: "web-root", value: "DIR", defaultValue: "",
            help:
                "A directory that is served at /, with index.html for directories. Names that begin with a dot are not "
                + "served, except .well-known; a link is served if its target is. Empty: the built-in page."),
    ]
}
