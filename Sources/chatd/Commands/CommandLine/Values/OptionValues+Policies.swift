import Cluster
import Transport

/// Options for access control and addresses.
extension OptionValues {
    /// - Throws: ``UsageError`` for an element that is not exactly one origin.
    func origins(_ name: String) throws(UsageError) -> OriginPolicy {
        guard let elements = try list(name) else { return .sameHost }
        var origins: [WebOrigin] = []
        for element in elements where element != "*" {
            do {
                let origin = try WebOrigin(element)
                if !origins.contains(origin) { origins.append(origin) }
            } catch {
                throw self.error(name, Secrets.masked("\(error)"))
            }
        }
        return elements.contains("*") ? .any : .sameHostAnd(origins)
    }

    /// - Throws: ``UsageError`` for an element that is not a host name.
    func hosts(_ name: String) throws(UsageError) -> HostPolicy {
        guard let elements = try list(name) else { return .automatic }
        var patterns: [HostPattern] = []
        for element in elements where element != "*" {
            guard let pattern = HostPattern(element) else {
                throw error(name, value: element, "is not a host: write chat.example, *.chat.example or *")
            }
            patterns.append(pattern)
        }
        return elements.contains("*") ? .any : .names(patterns)
    }

    /// - Throws: ``UsageError`` for an element that is not an address, a network, `loopback` or `unix`.
    func trustedProxies(_ name: String) throws(UsageError) -> TrustedProxies {
        guard let elements = try list(name) else { return .none }
        do {
            return try TrustedProxies(elements.joined(separator: ","))
        } catch {
            throw self.error(name, Secrets.masked("\(error)"))
        }
    }

    /// - Throws: ``UsageError`` for an element that is not a Unix domain socket, for one that occurs twice, and for
    ///   more than ``maxSockets`` elements.
    func unixSockets(_ name: String) throws(UsageError) -> [SocketAddress] {
        guard let elements = try list(name) else { return [] }
        guard elements.count <= Self.maxSockets else {
            throw error(name, "the list has more than \(Self.maxSockets) sockets")
        }
        var addresses: [SocketAddress] = []
        for element in elements {
            guard element.hasPrefix("unix:") else {
                throw error(name, value: element, "is not unix:PATH or unix:@NAME")
            }
            let address: SocketAddress
            do {
                address = try SocketAddress(unixPath: String(element.dropFirst("unix:".count)))
            } catch {
                throw self.error(name, "\(error)")
            }
            guard !addresses.contains(address) else {
                throw error(name, "\(element) occurs twice")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// The most elements of ``unixSockets(_:)``.
    private static let maxSockets = 16

    /// The path of a URL, with or without slashes at its ends.
    /// - Throws: ``UsageError`` for a path that no request can have, or for the path of the page.
    func path(_ name: String) throws(UsageError) -> String {
        let text = try nonEmptyText(name)
        let segments = text.split(separator: "/")
        guard !segments.isEmpty else {
            throw error(name, value: text, "is the path of the page; choose another")
        }
        let isPath = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.noPath.contains($0) }
        // Browsers treat `%2e` as a dot.
        let names = segments.map { $0.replacing("%2e", with: ".").replacing("%2E", with: ".") }
        guard isPath, !names.contains("."), !names.contains(".."), !text.drop(while: { $0 == "/" }).contains("//")
        else { throw error(name, value: text, "is not the path of a URL") }
        return text
    }

    func database(_ name: String) throws(UsageError) -> DatabaseChoice {
        let text = try nonEmptyText(name)
        guard !text.hasPrefix(":") || text == ":memory:" else {
            throw error(name, "did you mean :memory:? A file of that name is ./\(Secrets.masked(text))")
        }
        let choice = DatabaseChoice(text)
        // Such a text may have a password, and is hardly the name of a file.
        if case .sqlite = choice, text != ":memory:", DatabaseChoice.looksLikeURL(text) {
            throw error(
                name, value: text,
                "is neither a file nor postgres://USER@HOST/DATABASE; the name of a file with a colon needs ./ before")
        }
        try checkUser(name, text)
        return choice
    }

    private func checkUser(_ name: String, _ text: String) throws(UsageError) {
        guard DatabaseChoice.hasMisplacedUser(text) else { return }
        throw error(name, value: text, "has a slash too many before the user: write postgres://USER@HOST/DATABASE")
    }

    /// - Parameters:
    ///   - patience: the time of an outage that is hidden; nil for that of the backplane.
    ///   - outage: what happens to events in a longer one.
    ///   - database: the database that the name `postgres` means.
    func backplane(
        _ name: String, patience: Duration?, outage: OutagePolicy, database: DatabaseChoice
    ) throws(UsageError) -> BackplaneService? {
        guard let text = optionalText(name) else { return nil }
        try checkUser(name, text)
        do throws(BackplaneError) {
            if text == "postgres" {
                guard case .postgres(let url) = database else {
                    throw BackplaneError.invalidURL("postgres means the database of --db, which is none of PostgreSQL")
                }
                return try Self.postgres(url, patience, outage)
            }
            // A URL of PostgreSQL is what --db would take for one.
            if case .postgres(let url) = DatabaseChoice(text) { return try Self.postgres(url, patience, outage) }
            return try .redis(text, patience: patience, outage: outage)
        } catch {
            throw self.error(name, Secrets.masked("\(error)"), others: text == "postgres" ? ["db"] : [])
        }
    }

    private static func postgres(
        _ url: String, _ patience: Duration?, _ outage: OutagePolicy
    ) throws(BackplaneError) -> BackplaneService {
        guard let patience else { return try .postgres(url, outage: outage) }
        return try .postgres(url, patience: patience, outage: outage)
    }

    func outage(_ name: String) throws(UsageError) -> OutagePolicy {
        guard let outage = OutagePolicy(rawValue: text(name)) else {
            throw error(name, value: text(name), "is neither local nor fail")
        }
        return outage
    }

    private static let noPath = Array("?#&'\"<>\\^`{|}".utf8)
}
