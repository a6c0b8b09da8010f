/// Reports each text once, up to a limit. The limit keeps clients, which choose the texts, from filling the log or the
/// memory.
struct LimitedReports {
    enum Occurrence: Equatable {
        /// Not to be reported: the text was reported before, or the limit had been reached.
        case known
        case first
        /// The first occurrence of the last text within the limit: no other text will be reported.
        case last
    }

    private let limit: Int
    private var seen: Set<String> = []

    /// - Parameter limit: the number of texts that are remembered and reported.
    init(limit: Int = 100) {
        self.limit = limit
    }

    /// Records an occurrence of `text`, of which only the first 256 bytes are compared.
    mutating func record(_ text: String) -> Occurrence {
        guard seen.count < limit, seen.insert(Self.logSafe(text)).inserted else { return .known }
        return seen.count < limit ? .first : .last
    }

    /// The first 256 bytes of a text, safe for a log line: every byte that is not visible ASCII is replaced by a
    /// question mark.
    static func logSafe(_ text: String) -> String {
        replaced(text) { HTTPGrammar.isVisible($0) }
    }

    /// The first 256 bytes of a text with spaces, in which every other byte that is not visible ASCII is replaced.
    static func printable(_ text: String) -> String {
        replaced(text) { HTTPGrammar.isVisible($0) || $0 == HTTPGrammar.space }
    }

    private static func replaced(_ text: String, unless isKept: (UInt8) -> Bool) -> String {
        String(decoding: text.utf8.prefix(256).map { isKept($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

/// A rejection of a request. Texts from the client are visible ASCII of at most 256 bytes.
public enum HTTPReport: Sendable {
    /// The ``OriginPolicy`` does not allow the page that made a request. Reported once for each origin.
    /// - Parameters:
    ///   - host: the host that the request named; nil if it named none.
    ///   - isLast: true if the limit of reports is reached, and no other origin will be reported.
    case originRefused(_ origin: String, host: String?, isLast: Bool)
    /// The ``HostPolicy`` does not allow the host that a request named. Reported once for each host.
    /// - Parameter isLast: true if the limit of reports is reached, and no other host will be reported.
    case hostRefused(_ host: String, isLast: Bool)
    /// A peer that is none of the ``TrustedProxies`` forwards the requests of several clients, as `X-Forwarded-For`
    /// says. They all count as this peer. Reported once for each of the first peers.
    /// - Parameters:
    ///   - address: the peer's numeric address; empty for a peer over a Unix domain socket.
    ///   - isLast: true if the limit of reports is reached, and no other peer will be reported.
    case untrustedProxy(_ address: String, isLast: Bool)
    /// A peer that is none of the ``TrustedProxies`` began a connection with a header of the PROXY protocol, and got
    /// 400. Reported once for each of the first peers, and not for those of an `untrustedProxy`.
    /// - Parameters:
    ///   - address: the peer's numeric address; empty for a peer over a Unix domain socket.
    ///   - isLast: true if the limit of reports is reached, and no other peer will be reported.
    case untrustedProxyHeader(_ address: String, isLast: Bool)
    /// A limit has refused clients. Reported at most once in ten seconds for each limit.
    /// - Parameters:
    ///   - address: the address of the last refused client, an IPv4 address or an IPv6 network, or `unknown` if a
    ///     trusted proxy has named no address; nil if no limit of an address applies to it.
    ///   - count: the number of refusals since the last report of this limit.
    case limitReached(ReachedLimit, address: String?, count: Int)
    /// An Engine.IO server refused a request before it reached a session. Reported for every such request.
    case engineRefused(RefusedEngineRequest)
}
