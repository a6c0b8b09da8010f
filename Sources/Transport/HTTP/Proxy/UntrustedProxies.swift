/// Notices peers that act as proxies, although they are not trusted: an operator may have forgotten them. They forward
/// the requests of several clients, which count as one, or begin connections with PROXY headers, which are refused.
struct UntrustedProxies {
    /// The largest number of peers that are watched at once.
    static let capacity = 64
    /// The largest number of peers that are reported. Any client can send the header.
    static let maxReports = 8
    private static let maxValue = 256

    /// The first value of each peer, by the peer's group of addresses.
    private var values: [String: [UInt8]] = [:]
    private var reports = LimitedReports(limit: maxReports)
    private var isDone = false

    /// Records the value of a request's `X-Forwarded-For`.
    /// - Returns: whether to report the peer.
    mutating func note(_ head: HTTPRequestHead, from peer: String) -> LimitedReports.Occurrence {
        guard !isDone, let value = head.headers.rawValues(of: "X-Forwarded-For").last else { return .known }
        let group = Self.group(of: peer)
        let start = Array(value.prefix(Self.maxValue))
        guard let first = values[group] else {
            // A real proxy is back at once.
            if values.count >= Self.capacity { values = [:] }
            values[group] = start
            return .known
        }
        return first == start ? .known : record(group)
    }

    /// Records a connection that began with a PROXY header.
    /// - Returns: whether to report the peer.
    mutating func noteHeader(from peer: String) -> LimitedReports.Occurrence {
        isDone ? .known : record(Self.group(of: peer))
    }

    private mutating func record(_ group: String) -> LimitedReports.Occurrence {
        let occurrence = reports.record(group)
        if occurrence == .last { (values, isDone) = ([:], true) }
        return occurrence
    }

    /// One client may have all addresses of an IPv6 network, and must not use up the reports with them.
    private static func group(of peer: String) -> String {
        AddressGroup(ofPeer: peer, except: .none)?.description ?? peer
    }
}
