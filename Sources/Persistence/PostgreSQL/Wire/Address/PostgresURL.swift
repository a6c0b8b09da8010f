import Transport

/// The address of a database and how to log in: `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE`
/// (PostgreSQL, 34.1.1.2). The texts may be percent-encoded.
package struct PostgresURL: Equatable, Sendable {
    /// A server to connect to.
    package enum Server: Equatable, Sendable {
        /// A host name or a numeric address.
        case tcp(host: String, port: UInt16)
        /// The server's socket is the file `.s.PGSQL.` and the port in this directory.
        case socket(directory: String, port: UInt16)
    }

    /// Which of several servers to use.
    package enum Target: String, Sendable {
        case any
        /// One whose sessions can write.
        case readWrite = "read-write"
        /// One that is not a standby.
        case primary
    }

    /// The directory for an URL without a host. It is that of Debian's packages, and matches `localhost` in a password
    /// file.
    static let defaultDirectory = "/var/run/postgresql"
    static let defaultPort: UInt16 = 5432

    /// The servers in the order in which to try them, at least one.
    package let servers: [Server]
    package let user: String
    package let database: String
    /// The seconds to wait for one server; nil for the caller's default.
    package let connectTimeout: Int?
    package let target: Target
    private let password: String?
    private let passwordFile: PostgresPasswordFile?
    /// Settings of the session.
    private let settings: [PostgresURLQuery.Parameter]

    /// Parses an URL.
    ///
    /// - Parameters:
    ///   - text: the URL. Without a user it means that of `PGUSER`; without a database, that with the user's name.
    ///   - environment: `PGUSER`, `PGPASSWORD` and `PGPASSFILE` stand for missing parts. The file is read only if
    ///     neither the URL nor `PGPASSWORD` has a password.
    ///   - loginName: the user if nothing else names one.
    package init(
        _ text: String, environment: [String: String], loginName: String
    ) throws(PostgresURLError) {
        let parts = try Self.parts(text)
        let query = try PostgresURLQuery(parts.query)
        let hosts = query["host"].map { $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }
        let ports = query["port"].map { $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }
        servers = try Self.servers(
            hosts: hosts?.map { String($0) ?? "" } ?? parts.hosts.map(\.name),
            ports: ports?.map { Array($0) } ?? parts.hosts.map(\.port))
        let user = query["user"] ?? parts.user ?? ""
        self.user = [user, environment["PGUSER"] ?? ""].first { !$0.isEmpty } ?? loginName
        let database = query["dbname"] ?? parts.path ?? ""
        self.database = database.isEmpty ? self.user : database
        guard !self.user.isEmpty else { throw .missingUser }
        connectTimeout = try query.connectTimeout
        target = try query.target
        settings = query.settings
        let passwords = [query["password"], parts.password, environment["PGPASSWORD"]]
        password = passwords.compactMap { $0 }.first { !$0.isEmpty }
        let path = query["passfile"] ?? environment["PGPASSFILE"] ?? ""
        passwordFile = password != nil || path.isEmpty ? nil : try PostgresPasswordFile(path: path)
    }

    private static func parts(_ text: String) throws(PostgresURLError) -> URLParts {
        guard ["postgres", "postgresql"].contains(URLParts.scheme(of: text)) else { throw .badScheme }
        do throws(URLParts.Failure) {
            return try URLParts(text)
        } catch {
            throw PostgresURLError(error)
        }
    }

    /// How to log in at one of the servers, which may have a password of its own in the password file.
    /// - Parameter own: settings of the session. Those of the URL are used too, except those with the same names.
    package func identity(
        at server: Server, settings own: [(name: String, value: String)] = []
    ) -> PostgresStateMachine.Identity {
        let found = password ?? passwordFile?.password(at: server, database: database, user: user)
        let names = Set(own.map(\.name))
        let others = settings.filter { !names.contains($0.name) }.map { (name: $0.name, value: $0.value) }
        return PostgresStateMachine.Identity(
            user: user, database: database, password: found, parameters: own + others)
    }

    /// Pairs hosts and ports. One port is for all hosts.
    private static func servers(hosts: [String], ports: [[UInt8]]) throws(PostgresURLError) -> [Server] {
        guard ports.count == 1 || ports.count == hosts.count else { throw .portCount }
        var servers: [Server] = []
        for (index, host) in hosts.enumerated() {
            let port = try port(ports[ports.count == 1 ? 0 : index])
            guard !host.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) else {
                throw .badHost(index + 1)
            }
            if host.isEmpty {
                servers.append(.socket(directory: defaultDirectory, port: port))
            } else if host.utf8.first == UInt8(ascii: "/") {
                servers.append(.socket(directory: host, port: port))
            } else {
                servers.append(.tcp(host: host, port: port))
            }
        }
        return servers
    }

    private static func port(_ digits: [UInt8]) throws(PostgresURLError) -> UInt16 {
        guard !digits.isEmpty else { return defaultPort }
        guard let number = PostgresURLQuery.number(digits), 1...65535 ~= number else { throw .badPort }
        return UInt16(number)
    }
}

extension PostgresURL: CustomStringConvertible {
    /// The URL with three asterisks for the password.
    package var description: String {
        let login = PercentEncoding.encode(user) + (password == nil ? "" : ":***")
        let hosts = servers.map { server in
            switch server {
            case .tcp(let host, let port) where host.utf8.contains(UInt8(ascii: ":")):
                "[\(host.replacing("%", with: "%25"))]:\(port)"
            case .tcp(let host, let port): "\(PercentEncoding.encode(host)):\(port)"
            case .socket(let directory, let port): "\(PercentEncoding.encode(directory)):\(port)"
            }
        }
        var query = settings
        if let connectTimeout { query.append(.init(name: "connect_timeout", value: "\(connectTimeout)")) }
        if target != .any { query.append(.init(name: "target_session_attrs", value: target.rawValue)) }
        let parameters = query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let path = PercentEncoding.encode(database) + (parameters.isEmpty ? "" : "?\(parameters)")
        return "postgres://"
            + "\(login)@\(hosts.joined(separator: ","))/\(path)"
    }
}
