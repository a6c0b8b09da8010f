import Transport

/// The address of a Redis server and how to use it: `redis://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE`, or
/// `redis+unix://USER:PASSWORD@/PATH?NAME=VALUE` for a socket in the file system. The texts may be percent-encoded.
package struct RedisURL: Equatable, Sendable {
    /// How events travel. The raw value is the scheme.
    package enum Delivery: String, Sendable {
        /// Pub/sub.
        case pubSub = "redis"
        /// Sharded pub/sub (Redis 7 and later).
        case sharded = "redis-sharded"
        /// Streams, and pub/sub for what is not kept.
        case streams = "redis-streams"
    }

    /// A server to connect to.
    package enum Server: Equatable, Sendable {
        /// A host name or a numeric address.
        case tcp(host: String, port: UInt16)
        /// A socket in the file system.
        case socket(path: String)
    }

    static let maxDatabase = 99_999
    /// The longest path that a socket's address can have, in bytes (Linux, unix(7)).
    static let maxPathLength = 107
    private static let defaultHost = "localhost"
    private static let defaultPort: UInt16 = 6379
    private static let defaultSentinelPort: UInt16 = 26379
    private static let defaultPrefix = "socket.io"
    private static let defaultStream = "socket.io"
    private static let defaultSessionPrefix = "sio:session:"

    package let delivery: Delivery
    /// The servers in the order in which to try them, at least one. With ``sentinel`` they are Sentinels.
    package let servers: [Server]
    /// How to start a session at a server that is not a Sentinel.
    package let identity: RedisStateMachine.Identity
    /// What the names of channels begin with.
    package let prefix: String
    /// The key of the stream.
    package let stream: String
    /// Which rooms have channels of their own with sharded pub/sub.
    package let mode: ShardedChannels.Mode
    /// About how many entries the stream keeps; nil for the caller's default.
    package let streamLength: Int?
    /// What the keys of sessions begin with.
    package let sessionPrefix: String
    /// The name under which Sentinels know the master; nil without Sentinels.
    package let sentinel: String?

    /// Parses an URL. Without a host it means `localhost`.
    package init(_ text: String) throws(RedisURLError) {
        guard let schemeName = URLParts.scheme(of: text) else { throw .badScheme }
        let scheme = try RedisURLScheme(schemeName)
        let parts: URLParts
        do throws(URLParts.Failure) {
            parts = try URLParts(text)
        } catch {
            throw RedisURLError(error)
        }
        let query = try RedisURLQuery(parts.query, of: scheme)
        delivery = scheme.delivery
        sentinel = try query.text("sentinel")
        let port = sentinel == nil ? Self.defaultPort : Self.defaultSentinelPort
        servers =
            scheme.isSocket ? [try Self.socket(parts)] : try Self.servers(parts.hosts, defaultPort: port)
        let path = scheme.isSocket ? "" : parts.path ?? ""
        guard let database = path.isEmpty ? 0 : RedisURLQuery.number(Array(path.utf8), in: 0...Self.maxDatabase) else {
            throw .badDatabase
        }
        let user = parts.user ?? ""
        guard user.isEmpty || parts.password != nil else { throw .missingPassword }
        let password = parts.password ?? ""
        identity = RedisStateMachine.Identity(
            user: user.isEmpty ? nil : user, password: user.isEmpty && password.isEmpty ? nil : password,
            database: try query.database ?? database, clientName: try query.clientName,
            protocolVersion: try query.protocolVersion)
        prefix = try query.text("prefix") ?? Self.defaultPrefix
        mode = try query.mode
        stream = try query.text("stream") ?? Self.defaultStream
        streamLength = try query.streamLength
        sessionPrefix = try query.text("session-prefix") ?? Self.defaultSessionPrefix
    }

    private static func socket(_ parts: URLParts) throws(RedisURLError) -> Server {
        let hasHost = parts.hosts.contains { !$0.name.isEmpty || !$0.port.isEmpty }
        guard let path = parts.path, !hasHost, !path.isEmpty, path.utf8.count < maxPathLength else { throw .badSocket }
        return .socket(path: "/" + path)
    }

    private static func servers(
        _ parts: [URLParts.Host], defaultPort: UInt16
    ) throws(RedisURLError) -> [Server] {
        var servers: [Server] = []
        for part in parts {
            let host = part.name.isEmpty && parts.count == 1 ? defaultHost : part.name
            let hasSpace = host.unicodeScalars.contains { $0.value <= 0x20 || $0.value == 0x7F }
            guard !host.isEmpty, !hasSpace else { throw .badHost(servers.count + 1) }
            servers.append(.tcp(host: host, port: try port(part.port) ?? defaultPort))
        }
        return servers
    }

    private static func port(_ digits: [UInt8]) throws(RedisURLError) -> UInt16? {
        guard !digits.isEmpty else { return nil }
        guard let number = RedisURLQuery.number(digits, in: 1...65535) else { throw .badPort }
        return UInt16(number)
    }
}

extension RedisURL: CustomStringConvertible {
    /// The URL with three asterisks for the password.
    package var description: String {
        var login = identity.user.map(PercentEncoding.encode) ?? ""
        if identity.password != nil { login += ":***" }
        if !login.isEmpty { login += "@" }
        let parameters = parameters.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let query = parameters.isEmpty ? "" : "?\(parameters)"
        if case .socket(let path) = servers.first {
            let encoded = PercentEncoding.encode(path).replacing("%2F", with: "/")
            return "\(RedisURLScheme(delivery, isSocket: true))://\(login)\(encoded)\(query)"
        }
        let hosts = servers.map { server in
            switch server {
            case .tcp(let host, let port) where host.utf8.contains(UInt8(ascii: ":")):
                "[\(PercentEncoding.encode(host).replacing("%3A", with: ":"))]:\(port)"
            case .tcp(let host, let port): "\(PercentEncoding.encode(host)):\(port)"
            case .socket(let path): path
            }
        }.joined(separator: ",")
        return "\(RedisURLScheme(delivery, isSocket: false))://\(login)\(hosts)/\(identity.database)\(query)"
    }

    /// The parameters that are not the default.
    private var parameters: [(name: String, value: String)] {
        var isSocket = false
        if case .socket = servers.first { isSocket = true }
        let all: [(name: String, value: String, standard: String)] = [
            ("db", isSocket ? "\(identity.database)" : "0", "0"),
            ("prefix", prefix, Self.defaultPrefix),
            ("mode", mode.rawValue, ShardedChannels.Mode.dynamic.rawValue), ("stream", stream, Self.defaultStream),
            ("stream-length", streamLength.map { "\($0)" } ?? "", ""),
            ("session-prefix", sessionPrefix, Self.defaultSessionPrefix), ("sentinel", sentinel ?? "", ""),
            ("protocol", "\(identity.protocolVersion.rawValue)", "3"), ("client-name", identity.clientName ?? "", ""),
        ]
        return all.filter { $0.value != $0.standard }.map { ($0.name, $0.value) }
    }
}
